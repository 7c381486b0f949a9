// Tells the server that a conversation was read once its page is really looked at; without this there is a button.
(() => {
  const form = document.querySelector("[data-messages-seen]");
  if (!form) return;
  const tell = () => {
    if (document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", tell);
    const answer = fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } });
    answer.then((response) => { if (response.ok) form.hidden = true; }, () => {});
  };
  document.addEventListener("visibilitychange", tell);
  tell();
})();
