// Shows how far files are while they are sent. Without it the same form is sent by the browser itself.
(() => {
  const form = document.querySelector("form[data-upload]");
  if (!form || !window.XMLHttpRequest) return;
  const bar = form.querySelector("[data-upload-bar]");
  const told = form.querySelector("[data-upload-told]");
  const wrong = form.querySelector("[data-upload-wrong]");
  const button = form.querySelector("button[type=submit]");
  const cancel = form.querySelector("[data-upload-cancel]");
  const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
  let request = null;

  const busy = (yes) => {
    bar.parentElement.hidden = !yes;
    button.disabled = yes;
    form.setAttribute("aria-busy", String(yes));
  };
  const refuse = (reasons) => {
    busy(false);
    request = null;
    form.querySelector("#errors")?.remove();
    wrong.querySelector("ul").replaceChildren(...reasons.map((reason) => {
      const line = document.createElement("li");
      line.textContent = reason;
      return line;
    }));
    wrong.hidden = false;
    wrong.focus();
  };
  const answer = () => {
    let said = {};
    try { said = JSON.parse(request.responseText); } catch { /* a page instead of words: told as a failure below */ }
    if (request.status === 201 && said.location) {
      told.textContent = form.dataset.done;
      location.assign(said.location);
      return;
    }
    if (said.form_key) form.elements.form_key.value = said.form_key;
    refuse(said.errors?.length ? said.errors : [form.dataset.failed]);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (request) return;
    wrong.hidden = true;
    bar.value = 0;
    told.textContent = form.dataset.sending.replace("{part}", percent.format(0));
    busy(true);
    request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "fetch");
    request.upload.addEventListener("progress", (now) => {
      if (!now.lengthComputable) return;
      bar.value = now.loaded / now.total;
      told.textContent = form.dataset[now.loaded === now.total ? "judging" : "sending"].replace("{part}", percent.format(bar.value));
    });
    request.addEventListener("load", answer);
    request.addEventListener("error", () => refuse([form.dataset.failed]));
    request.addEventListener("abort", () => { request = null; busy(false); });
    request.send(new FormData(form));
  });
  cancel.addEventListener("click", () => request?.abort());
})();
