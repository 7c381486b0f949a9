// Keeps what is typed into a message in this browser until it is sent: for the person and the order that it belongs to.
(() => {
  const PREFIX = "gigneo:draft:";
  const DAYS = 14;
  const WAIT = 300;
  const box = () => document.querySelector("[data-draft]");
  if (!box()) return;
  const key = PREFIX + box().dataset.draft;
  const person = box().dataset.draft.split(":")[0];
  let timer = 0;

  const stored = (act) => { try { return act(localStorage); } catch { return null; } };  // switched off, or full: then there is no draft
  const drop = () => { clearTimeout(timer); timer = 0; stored((kept) => kept.removeItem(key)); };
  const save = () => {
    clearTimeout(timer);
    timer = 0;
    const text = box()?.value ?? "";
    if (!text.trim()) drop();
    else stored((kept) => kept.setItem(key, JSON.stringify({ text, at: Date.now() })));
  };
  const read = (kept, name) => { try { return JSON.parse(kept.getItem(name)); } catch { return null; } };
  const stale = (kept, name) => {
    const draft = read(kept, name);
    return !name.startsWith(`${PREFIX}${person}:`) || !(Date.now() - draft?.at < DAYS * 86400000);
  };
  const sweep = () => stored((kept) => Object.keys(kept)
    .filter((name) => name.startsWith(PREFIX) && stale(kept, name))
    .forEach((name) => kept.removeItem(name)));
  const tell = (yes) => { const told = document.querySelector("[data-draft-told]"); if (told) told.hidden = !yes; };

  const here = new URL(location.href);
  if (here.searchParams.has("sent")) {  // a form that no script sent has arrived
    drop();
    here.searchParams.delete("sent");
    history.replaceState(history.state, "", here);
  }
  sweep();  // what is old, and what somebody else typed in this browser
  if (box().value !== box().defaultValue) box().value = box().defaultValue;  // what the browser filled in may be somebody else's
  const draft = stored((kept) => read(kept, key));
  if (draft?.text && !box().value) {
    box().value = draft.text;
    box().dispatchEvent(new Event("input", { bubbles: true }));
    tell(true);
  }
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-draft]")) return;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-draft-drop]")) return;
    box().value = "";
    box().dispatchEvent(new Event("input", { bubbles: true }));
    drop();
    tell(false);
    box().focus();
  });
  addEventListener("pagehide", () => { if (timer) save(); });
  document.addEventListener("talk:unsent", save);
  document.addEventListener("talk:sent", drop);
})();
