// Marks what is about this page as read, once it is in front of the person: looking ahead marks nothing.
(() => {
  const form = document.querySelector("form[data-seen]");
  const send = () => {
    if (document.visibilityState !== "visible" || document.prerendering) return;
    document.removeEventListener("visibilitychange", send);
    document.removeEventListener("prerenderingchange", send);
    fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => {});
  };
  if (!form) return;
  document.addEventListener("visibilitychange", send);
  document.addEventListener("prerenderingchange", send);
  send();
})();
