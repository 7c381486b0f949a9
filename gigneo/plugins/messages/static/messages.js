// Live arrival of messages, sending without a reload, and marking as read what is really looked at. The page works without it.
(() => {
  const log = document.querySelector("[data-talk]");
  if (!log) return;
  const talk = document.getElementById("talk");
  const find = (name) => document.querySelector(name);
  const looked = () => document.visibilityState === "visible";

  // Read marks: told once the newest line of the other side is in front of the person.
  let read = Number(log.dataset.read);
  const theirs = () => [...talk.querySelectorAll(".theirs")].at(-1);
  const badge = (unread) => {
    const tab = find(".tabs [aria-current]");
    let count = tab?.querySelector(".count");
    if (!unread) count?.remove();
    else if (tab) {
      if (!count) { count = document.createElement("b"); count.className = "count"; tab.append(" ", count); }
      count.textContent = unread > 99 ? "99+" : unread;
    }
    document.title = (unread && !looked() ? `(${unread}) ` : "") + title;
  };
  const title = document.title;
  const mark = async () => {
    const newest = theirs();
    if (!newest || Number(newest.dataset.id) <= read || !looked()) return;
    const before = read;
    read = Number(newest.dataset.id);
    const body = new FormData();
    body.set("csrf_token", find("#write [name=csrf_token]").value);
    body.set("up_to", read);
    const answer = await fetch(log.dataset.seen, { method: "POST", body, headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (answer?.status !== 204) { read = before; return; }
    document.querySelectorAll("[data-messages-seen]").forEach((each) => each.remove());
    badge(0);
  };
  const watcher = new IntersectionObserver((seen) => { if (seen.some((each) => each.isIntersecting)) mark(); });
  const watch = () => {
    watcher.disconnect();
    const newest = theirs();
    if (newest && Number(newest.dataset.id) > read) watcher.observe(newest);
  };
  watch();
  document.addEventListener("visibilitychange", watch);
  if (!log.dataset.new || !window.htmx) return;

  // Looking for what is new: often while it is looked at, ever more rarely when nothing comes or the page is hidden.
  const QUICK = 3000;
  const SLOW = 60000;
  const AWAKE = 60000;
  const ENDS = { 401: "out", 403: "gone", 404: "gone" };  // what is told, and then nothing more is asked
  const REFUSED = [409, 422, 429];  // the form that came says why
  let newest = Number(log.dataset.newest), tag = "", delay = QUICK, timer = 0, busy = false, again = false, over = "";
  let quickUntil = Date.now() + AWAKE;
  const tell = (name, yes = true) => { const told = find(`[data-told=${name}]`); if (told.hidden === yes) told.hidden = !yes; };
  const later = (wait) => { clearTimeout(timer); if (!over) timer = setTimeout(look, wait); };
  const look = () => {
    if (over) return;
    if (busy) { again = true; return; }
    busy = true;
    const headers = tag ? { "If-None-Match": tag } : {};
    htmx.ajax("GET", `${log.dataset.new}?after=${newest}&as=${log.dataset.person}`, { source: log, target: talk, swap: "beforeend", headers });
  };
  const stop = (name) => { over = name; clearTimeout(timer); tell("lost", false); tell(name); };
  const atEnd = () => find("#write").getBoundingClientRect().top < innerHeight;
  const toEnd = () => find("#write").scrollIntoView({ block: "end", behavior: "instant" });

  let wasAtEnd = true;
  log.addEventListener("htmx:beforeSwap", () => { wasAtEnd = atEnd(); });
  log.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = event.detail;
    busy = false;
    if (ENDS[xhr.status]) return stop(ENDS[xhr.status]);
    if (xhr.status === 409) return stop("other");
    const fine = xhr.status === 200 || xhr.status === 304;
    tell("lost", !fine);
    if (xhr.status === 200) tag = xhr.getResponseHeader("ETag") || "";
    if (!fine || !looked() || Date.now() > quickUntil) delay = Math.min(delay * 2, SLOW);
    later(again ? 0 : delay);
    again = false;
  });
  document.addEventListener("talk:state", (event) => {
    const { newest: upTo, unread, seen, said, version, more } = event.detail;
    if (upTo > newest) arrived(upTo);
    if (more) again = true;
    if (version !== Number(log.dataset.version)) tell("moved");
    badge(unread);
    markSeen(seen, said);
    watch();
  });
  const arrived = (upTo) => {
    const came = [...talk.querySelectorAll("[data-id]")].filter((line) => Number(line.dataset.id) > newest);
    newest = upTo;
    delay = QUICK;
    quickUntil = Date.now() + AWAKE;
    find("[data-talk-empty]")?.remove();
    const dividers = [...talk.querySelectorAll(".talk-new")];
    const fromOthers = came.some((line) => line.classList.contains("theirs"));
    if (wasAtEnd && looked()) {
      dividers.filter((each) => came[0].compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING || each.nextElementSibling === came[0])
        .forEach((each) => each.remove());
      toEnd();
      return;
    }
    dividers.slice(1).forEach((each) => each.remove());
    if (fromOthers) find("[data-talk-jump]").hidden = wasAtEnd;
  };
  const markSeen = (seen, said) => {
    const line = [...talk.querySelectorAll(".mine")].filter((each) => Number(each.dataset.id) <= seen).at(-1);
    const mark = find("[data-talk-mark]");
    if (!line || !said) return;
    mark.querySelector("span").textContent = said;
    mark.hidden = false;
    if (mark.parentElement !== line) line.append(mark);
  };
  const wake = () => {
    quickUntil = Date.now() + AWAKE;
    if (delay === QUICK) return;
    delay = QUICK;
    look();
  };
  ["keydown", "pointerdown", "focusin", "scroll"].forEach((kind) => addEventListener(kind, wake, { passive: true }));
  const back = () => {
    if (over === "out") { over = ""; tell("out", false); }  // the log-in may be there again
    delay = QUICK; 
    quickUntil = Date.now() + AWAKE;
    look();
  };
  document.addEventListener("visibilitychange", () => { if (looked()) { document.title = title; back(); } });
  addEventListener("online", back);
  addEventListener("pageshow", (event) => { if (event.persisted) { busy = false; back(); } });
  addEventListener("offline", () => tell("lost"));
  find("[data-talk-jump]").addEventListener("click", () => {
    find("[data-talk-jump]").hidden = true;
    (find(".talk-new") || theirs()).scrollIntoView({ block: "start", behavior: "instant" });
  });
  addEventListener("scroll", () => { if (atEnd()) find("[data-talk-jump]").hidden = true; }, { passive: true });
  later(QUICK);

  // Sending: the answer is the form anew, empty or with what is wrong; whatever happens, the text stays.
  const sending = (form, yes) => {
    form.toggleAttribute("aria-busy", yes);
    form.querySelector("textarea").readOnly = yes;
    form.querySelector("button[type=submit]").disabled = yes;
    form.querySelector(".sending").hidden = !yes || !form.elements.files.files.length;
  };
  const isWrite = (event) => event.detail.requestConfig?.elt.id === "write";  // the element of the event is another when the form was replaced
  const renewed = (event) => {
    const form = find("#write");
    if (form !== event.detail.requestConfig.elt) form.dispatchEvent(new Event("gigneo:new", { bubbles: true }));
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isWrite(event)) return;
    tell("unsent", false);
    sending(event.detail.elt, true);
  });
  document.addEventListener("htmx:xhr:progress", (event) => {
    if (event.target.id === "write" && event.detail.lengthComputable) find("[data-talk-bar]").value = event.detail.loaded / event.detail.total;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isWrite(event)) return;
    const { status } = event.detail.xhr;
    const form = find("#write");
    if (status === 200) {
      document.dispatchEvent(new Event("talk:sent"));
      wasAtEnd = true;
      form.querySelector("textarea").focus({ preventScroll: true });
      look();
    } else {
      document.dispatchEvent(new Event("talk:unsent"));
      sending(form, false);
      if (REFUSED.includes(status)) return renewed(event);
      const name = ENDS[status] || (status === 400 ? "stale" : "unsent");
      if (name === "unsent") tell(name); else stop(name);
      find(`[data-told=${name}]`).scrollIntoView({ block: "center", behavior: "instant" });
    }
    renewed(event);
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-talk-cancel]")) htmx.trigger("#write", "htmx:abort"); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("#write textarea")) find("#write").requestSubmit();
  });
})();
