// Small comforts; every page works without them. One file, deferred, no dependency.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // Light or dark: a cookie that the server renders as data-bs-theme; absent means the system's choice.
  const flip = document.querySelector("[data-scheme-switch]");
  if (flip) {
    flip.hidden = false;
    flip.addEventListener("click", () => {
      const now = root.dataset.bsTheme || (dark.matches ? "dark" : "light");
      const next = now === "dark" ? "light" : "dark";
      const system = dark.matches ? "dark" : "light";
      if (next === system) delete root.dataset.bsTheme; else root.dataset.bsTheme = next;
      const secure = location.protocol === "https:" ? "; secure" : "";
      document.cookie = `gigneo_scheme=${next}; path=/; samesite=lax; max-age=${next === system ? 0 : 31536000}${secure}`;
    });
  }

  // Menus and drawers are <details>: Escape and a press elsewhere close them.
  const open = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => open().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") open().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });

  // Dialogs: <button data-opens="id"> opens <dialog id>; where the button is a link, its page is the way without JavaScript.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    const dialog = opener && document.getElementById(opener.dataset.opens);
    if (dialog && dialog.showModal) { event.preventDefault(); dialog.showModal(); }
    const closer = event.target.closest("dialog [data-closes]");
    if (closer) { event.preventDefault(); closer.closest("dialog").close(); }
  });

  const size = (bytes) => {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
    const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 3);
    return new Intl.NumberFormat(root.lang, { style: "unit", unit: units[step], maximumFractionDigits: 1 }).format(bytes / 1000 ** step);
  };

  // Forms that are there from the start, and those that a script puts into the page: it tells so by the event gigneo:new.
  const enhance = (part) => {
    // What is wrong in a form is read first.
    part.querySelector("[data-focus]")?.focus();

    // How many characters are used.
    part.querySelectorAll("[data-counter]").forEach((told) => {
      const box = document.getElementById(told.dataset.counter);
      if (!box) return;
      const number = new Intl.NumberFormat(root.lang);
      const show = () => {
        told.textContent = told.dataset.text.replace("{used}", number.format(box.value.length)).replace("{limit}", number.format(told.dataset.max));
      };
      told.hidden = false;
      box.addEventListener("input", show);
      show();
    });

    // What will be sent, before it is: names and sizes, and which are too large.
    part.querySelectorAll("[data-uploads]").forEach((list) => {
      const input = document.getElementById(list.dataset.uploads);
      if (!input) return;
      const limit = Number(input.dataset.maxBytes || Infinity);
      input.addEventListener("change", () => {
        list.replaceChildren(...[...input.files].map((file) => {
          const row = document.createElement("li");
          const name = document.createElement("bdi");
          const told = document.createElement("span");
          name.textContent = file.name;
          told.className = file.size > limit ? "late" : "muted";
          told.textContent = file.size > limit ? `${size(file.size)}: ${input.dataset.maxText}` : size(file.size);
          row.append(document.createElement("span"), name, told);
          return row;
        }));
        list.hidden = !input.files.length;
      });
      const drop = input.closest("[data-drop]");
      ["dragenter", "dragover"].forEach((kind) => drop?.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); }));
      ["dragleave", "drop"].forEach((kind) => drop?.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.remove("over"); }));
      drop?.addEventListener("drop", (event) => {
        if (!event.dataTransfer.files.length) return;
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change"));
      });
    });
  };
  enhance(document);
  document.addEventListener("gigneo:new", (event) => enhance(event.target));
})();
