"use strict";
// What pages do beyond HTML and htmx. Everything works without this file, except
// live updates and autosave. Hooks are data- attributes.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const on = (name, listener, capture) => document.addEventListener(name, listener, capture);
  const say = (text) => { byId("announcer").textContent = text; };

  // Times: "3 min ago", with the exact time in the person's zone as a tooltip.
  const zone = document.documentElement.dataset.timeZone || undefined;
  const units = [[60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h"], [30 * 86400, 86400, "d"]];
  const exact = (date, options) => date.toLocaleString("en-GB", { timeZone: zone, ...options });
  const words = (date) => {
    const seconds = Math.round((Date.now() - date) / 1000), size = Math.abs(seconds);
    const unit = units.find(([limit]) => size < limit);
    if (!unit) return exact(date, { dateStyle: "medium" });
    const text = Math.floor(size / unit[1]) + " " + unit[2];
    return size < 2 ? "now" : seconds < 0 ? "in " + text : text + " ago";
  };
  const write = () => all("time[data-relative]").forEach((time) => {
    const date = new Date(time.dateTime), text = words(date);
    if (time.textContent !== text) time.textContent = text;
    time.title ||= exact(date, { dateStyle: "full", timeStyle: "long" });
  });
  htmx.registerExtension("times", { // a morph must not undo what write did, nor what a person has unfolded
    htmx_before_morph_node: (_, { oldNode, newNode }) => {
      if (oldNode.matches?.(".live details")) newNode.open = oldNode.open;
      return !(oldNode.matches?.("time[data-relative]") && oldNode.dateTime === newNode.dateTime);
    },
  });

  // Live regions: see ui.Live.
  const tags = new WeakMap();
  let stopped = false, missed = false, failing = false, typed = false, ended = false, fresh = Date.now();
  const live = (event) => event.detail.ctx?.sourceElement?.matches?.("[data-live]") && event.detail.ctx;
  const busy = () => stopped || document.hidden ||
    !!document.querySelector("dialog[open],.menu:popover-open,[data-select]:checked");
  const catchUp = () => {
    if (!missed || busy()) return;
    missed = false;
    all("[data-live]").forEach((region) => htmx.trigger(region, "live:now"));
  };
  const health = (bad) => {
    if (!bad) fresh = Date.now();
    if (bad !== failing) say(bad ? "Live numbers stand still: the server does not answer." : "Live numbers move again.");
    failing = bad;
    note();
  };
  const endedWords = "Your session has ended. Send what you typed: you sign in first, and nothing is lost.";
  const note = () => {
    const place = byId("live-note");
    if (place) place.textContent = ended ? endedWords : failing ? `Numbers are ${Math.round((Date.now() - fresh) / 1000)} s old` : "";
  };
  const toggle = () => {
    const button = document.querySelector("[data-live-toggle]");
    if (!button) return;
    stopped = !stopped;
    button.setAttribute("aria-pressed", stopped);
    button.querySelector("[data-live-word]").textContent = stopped ? "Paused" : "Live";
    catchUp();
  };
  on("htmx:config:request", (event) => {
    const ctx = live(event);
    if (!ctx) return;
    if (busy()) { missed = true; return event.preventDefault(); }
    const tag = tags.get(ctx.sourceElement);
    if (tag) ctx.request.headers["If-None-Match"] = tag;
  });

  // What is typed into a form is not left behind without a question, but where it is saved by
  // itself, a moment later and when the page is left. The page goes on showing what is typed;
  // its revision becomes that of what it shows. Sending another form is leaving too.
  let keep = document.querySelector("[data-keep=unsaved],form[method=post]:not([data-autosave]) .invalid"), sending;
  let dirty = keep?.closest("form");
  let changed = false, saving, timer;
  const told = (text) => {
    const place = byId("draft-saved");
    if (place && place.textContent !== text) place.textContent = text;
    if (/^Saved\.($| “)/.test(text)) setTimeout(() => { if (place.textContent === text) place.textContent = ""; }, 6000);
  };
  const notSaved = (status) => "Not saved: " + (status === 401 ? "your session has ended. Press Done: you sign in first, and nothing is lost."
    : status === 409 ? "somebody else changed the same. Press Done to choose what is kept."
    : status ? "press Done to see why." : "the server does not answer. It is tried again.");
  const save = () => {
    clearTimeout(timer);
    const form = document.querySelector("form[data-autosave]");
    if (!form || !changed || saving) return;
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "autosave");
    changed = false;
    const small = body.toString().length < 60000; // a browser sends that of a page that is left
    keep = !small;
    saving = fetch(form.action, { method: "POST", body, keepalive: small, headers: { "HX-Request": "true" } }).then(async (answer) => {
      const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
      const said = parts.getElementById("draft-saved")?.textContent || notSaved(answer.status);
      if (answer.ok) [...parts.body.children].forEach((part) => {
        const shown = byId(part.id), problem = part.querySelector(".error");
        if (part.id === "draft-saved" || !shown || shown.isEqualNode(part) || all("input", shown).some((entry) => entry.value !== entry.defaultValue)) return;
        const at = all("button,input", shown).indexOf(document.activeElement);
        shown.replaceWith(part);
        all("button,input", part)[at]?.focus();
        if (problem) say(problem.textContent);
        byId(part.dataset.says)?.setAttribute("aria-invalid", !!problem);
      });
      all("#data-dialog [name=revision]").forEach((entry) => { entry.value = byId("draft-revision").value; }); // what it carries is saved too
      keep = !said.startsWith("Saved");
      told(changed ? "" : said);
      write();
    }).catch(() => {
      changed = keep = true;
      told(notSaved());
    }).finally(() => {
      saving = undefined;
      if (changed) timer = setTimeout(save, keep ? 5000 : 900);
    });
  };
  on("input", ({ target }) => {
    const form = target.form || target.closest("form");
    sending = false;
    typed ||= form?.method === "post";
    if (!form?.matches("[data-autosave]") || target.matches("[data-compose]")) {
      if (form?.method === "post" && !form.closest("dialog")) keep = dirty = form;
      return;
    }
    changed = true;
    target.parentNode.querySelector(":scope>.reads")?.remove(); // it reads what stood there before
    told("");
    clearTimeout(timer);
    timer = setTimeout(save, 900);
  });
  on("click", (event) => { // a button waits for what is being saved: it sends the same, or more
    const button = event.target.closest?.(":is([data-autosave],#data-dialog) button[type=submit]");
    if (!button || !saving) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    saving.then(() => (button.isConnected ? button : document.querySelector(`[data-key="${button.dataset.key}"]`))?.click());
  }, true);
  on("click", ({ target }) => { // what else can be done with a step is a menu, made when it is asked for
    const button = target.closest?.("[data-more]");
    if (!button || button.type === "button") return;
    button.insertAdjacentHTML("afterend", byId(button.dataset.more).innerHTML.trim().replaceAll("__step__", button.value.slice(5)));
    button.type = "button";
    button.popoverTargetElement = button.nextElementSibling;
  }, true);
  on("submit", ({ target, defaultPrevented }) => {
    const saves = target.matches("[data-autosave]");
    sending = !defaultPrevented && (saves || target === dirty || !!target.closest("dialog"));
    if (saves || sending) { changed = false; clearTimeout(timer); } // it carries what would be saved
  });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("beforeunload", (event) => {
    if (!sending) save();
    if (keep && !sending) event.preventDefault();
  });

  // A button that leaves the page where it is carries what would be saved; any other answer is asked for once
  // more, as a page: nothing has been done then.
  let staying;
  on("click", (event) => {
    const button = event.target.closest?.("[data-stay]");
    if (!button) return;
    event.preventDefault();
    staying ??= htmx.ajax("POST", button.form.action, { source: button, event, target: "#draft", select: "#draft", swap: "outerMorph" })
      .finally(() => {
        staying = undefined;
        if (button.disabled) button.parentNode.querySelector(":enabled").focus(); // it cannot go on
      });
  });
  const stays = ({ detail: { ctx } }) => ctx?.sourceElement?.matches?.("[data-stay]");
  on("htmx:config:request", (event) => {
    if (!stays(event)) return;
    changed = false;
    clearTimeout(timer);
  });
  on("htmx:after:request", (event) => {
    const { sourceElement: button, text } = event.detail.ctx;
    if (!stays(event)) return;
    keep = /data-keep="unsaved"/.test(text);
    if (text.includes('id="draft"')) return;
    event.preventDefault();
    sending = true;
    button.form.requestSubmit(button);
  });

  on("htmx:after:request", (event) => {
    const ctx = live(event);
    if (!ctx) return;
    if (typed && ctx.hx.redirect) { // the session has ended: not away from what is typed
      if (!ended) say(endedWords);
      ended = true;
      note();
      return event.preventDefault();
    }
    health(ctx.response.status >= 400);
    const tag = ctx.response.headers.get("ETag");
    if (tag && ctx.response.status === 200) tags.set(ctx.sourceElement, tag);
  });
  on("htmx:before:swap", (event) => {
    if (live(event) && event.detail.ctx.response.status >= 400) event.preventDefault();
  });
  on("htmx:error", (event) => {
    changed ||= !!stays(event);
    if (live(event)) health(true);
  });
  on("visibilitychange", () => { document.hidden ? save() : catchUp(); });
  on("toggle", catchUp, true);
  on("close", catchUp, true);

  // Forms: fields that show up when they matter, rows, Insert data.
  const valueOf = (field) => field.type === "checkbox" && !field.checked ? "" : field.value; // of radio buttons too
  const showFields = () => all("[data-show-if]").forEach((part) => {
    const [name, values] = part.dataset.showIf.split("=");
    const field = part.closest("form")?.elements[name];
    if (field) part.hidden = !values.split(",").includes(valueOf(field));
  });
  const insert = (id, text) => {
    const field = byId(id);
    if (!field || !text) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  // What may be chosen comes into a dialog; its field is found by its place among those of one name.
  const dataDialog = byId("data-dialog");
  on("click", (event) => {
    const button = event.target.closest?.("[data-chooses]"), field = button && byId(button.dataset.chooses);
    if (field) button.value = all(`[name="${field.name}"]`, field.form).indexOf(field);
    if (!button || !dataDialog) return;
    event.preventDefault();
    htmx.ajax("POST", button.formAction, { source: button, event, target: "#data-place" });
  });
  on("htmx:after:swap", () => {
    if (dataDialog && !dataDialog.open && dataDialog.querySelector("form")) dataDialog.showModal();
  });
  dataDialog?.addEventListener("close", () => { byId("data-place").innerHTML = ""; });
  const enter = (part) => all("button,input,select", part).find((control) => control.checkVisibility())?.focus();
  let rows = 0;
  const addRow = (button) => {
    const place = byId(button.dataset.addTo);
    place.insertAdjacentHTML("beforeend", byId(button.dataset.addRow).innerHTML.replaceAll("__row__", "n" + rows++));
    const row = place.lastElementChild;
    htmx.process(row);
    enter(row);
  };
  // A field that follows another one: a call that is given something to send, sends.
  const follow = (changed) => all("[data-follows]", changed.form || document).forEach((field) => {
    const [, name, values, value] = field.dataset.follows.match(/^(.*?)=(.*):(.*)$/);
    if (changed.name === name && values.split(",").includes(valueOf(changed)) && !field.selectedIndex) field.value = value;
  });
  on("input", showFields);
  on("change", ({ target }) => {
    follow(target);
    all("button[data-show-if]").forEach((button) => { // what was typed is not left behind empty rows
      const name = button.value.split(" ")[1], rows = all(`[name="${name}.value"]`);
      if (button.form.elements[name].value && rows[0]?.checkVisibility() && !rows.some((row) => row.value)) button.click();
    });
    if (target.dataset.then) byId(target.dataset.then)?.click();
    if (target.id === "shortcuts-on") localStorage.setItem("shortcuts", target.checked ? "on" : "off");
    catchUp();
  });

  // Clicks.
  const copy = (button) => {
    const source = byId(button.dataset.copy);
    copyText(button, source.value ?? source.textContent);
  };
  const copyFrom = async (button) => {
    const answer = await fetch(button.dataset.copyFrom).catch(() => ({}));
    if (!answer.ok || answer.redirected) return say("It could not be loaded. Try again.");
    copyText(button, await answer.text());
  };
  const copyText = async (button, text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // not a secure context
      const area = Object.assign(document.createElement("textarea"), { value: text });
      (button.closest("dialog") || document.body).append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.classList.add("copied");
    say("Copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  };
  const clicks = {
    copy,
    copyFrom,
    addRow,
    removeRow: (button) => {
      const { form } = button, row = button.closest("[data-row]");
      const near = row.nextElementSibling || row.previousElementSibling || row.parentNode.parentNode;
      row.remove();
      enter(near);
      form?.dispatchEvent(new Event("input", { bubbles: true }));
    },
    insertText: (button) => {
      if (!byId(button.dataset.insertInto)) return false;
      button.closest("dialog")?.close();
      insert(button.dataset.insertInto, button.dataset.insertText);
    },
    liveToggle: toggle,
    closeNotice: (button) => { button.closest("[data-notice]").remove(); byId("main").focus(); },
    closeDialog: (button) => button.closest("dialog").close(),
    openShortcuts: () => byId("shortcuts").showModal(),
    confirmLink: (link) => {
      const dialog = all("dialog[data-confirm]").find((d) => d.dataset.confirm === link.getAttribute("href"));
      dialog?.showModal();
      return !!dialog;
    },
  };
  on("click", (event) => {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (target.matches("dialog")) return target.close(); // beside it
    for (let node = target; node?.dataset; node = node.parentElement) {
      const name = Object.keys(clicks).find((key) => key in node.dataset);
      if (!name) continue;
      if (clicks[name](node) !== false) event.preventDefault();
      return;
    }
  });

  // Keys: off in fields, under dialogs, and where the person says so.
  const keysOff = () => { try { return localStorage.getItem("shortcuts") === "off"; } catch { return false; } };
  let go = 0;
  on("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || keysOff()) return;
    if (event.target.closest?.("input,select,textarea,[contenteditable],dialog")) return;
    const { key } = event;
    if (Date.now() - go < 1500) {
      go = 0;
      return document.querySelector(`[data-go="${CSS.escape(key)}"]`)?.click();
    }
    if (key === "g") go = Date.now();
    else if (key === "p") toggle();
    else if (key === "?") byId("shortcuts")?.showModal();
    else if (key === "/") {
      const search = document.querySelector("main input[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });

  // Undo and Redo of a page, where nothing is typed into that has its own.
  on("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return;
    if (event.target.closest?.("input:not([type=checkbox],[type=radio]),textarea,dialog")) return;
    const button = document.querySelector(`[data-key=${event.shiftKey ? "redo" : "undo"}]`);
    if (button) { event.preventDefault(); button.click(); }
  });

  // A file that is read into an entry, instead of being sent. Old ones are not in UTF-8, but in the characters of Windows.
  const decoded = (bytes) => {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return new TextDecoder("windows-1252").decode(bytes);
    }
  };
  on("change", async ({ target }) => {
    const into = target.files?.[0] && byId(target.dataset.readInto);
    if (into) into.value = `${into.value.trim()}\n${decoded(await target.files[0].arrayBuffer())}`.trim();
  });

  // What a new step is to do has the kinds of steps that fit it below, as it is typed.
  let composing;
  on("input", ({ target }) => {
    if (!target.matches("[data-compose]")) return;
    const said = target.value;
    clearTimeout(composing);
    composing = setTimeout(async () => {
      const answer = await fetch(`${target.dataset.compose}?${new URLSearchParams([[target.name, said]])}`).catch(() => ({}));
      if (!answer.ok || answer.redirected || target.value !== said) return;
      const choices = target.closest(".composer").querySelector(".choices"), fitting = await answer.text();
      if (choices.matches(":focus-within,:active")) return; // somebody is choosing
      choices.outerHTML = fitting;
      if (!byId(target.getAttribute("aria-describedby"))) ["aria-invalid", "aria-describedby"].forEach((name) => target.removeAttribute(name));
    }, 200);
  });

  // An address that is pasted for a step is one at once. Beside other text it stays apart from
  // that, as lines stay apart.
  on("paste", (event) => {
    const { target } = event;
    if (!target.matches("[data-compose]")) return;
    const pasted = event.clipboardData.getData("text").trim(), text = pasted.replace(/\s*\n\s*/g, " ");
    const before = target.value.slice(0, target.selectionStart), after = target.value.slice(target.selectionEnd);
    const address = /^(https?:\/\/\S+|\S+@\S+\.\S+)$/.test(text);
    if (!address && text === pasted) return;
    event.preventDefault();
    document.execCommand("insertText", false, (/\S$/.test(before) ? " " : "") + text + (/^\S/.test(after) ? " " : ""));
    if (address && !(before + after).trim()) target.nextElementSibling.click();
  });

  // A zone that nobody has said is the browser's; htmx listens from load on.
  addEventListener("load", () => all("[data-browser-zone]").forEach((field) => {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    field.value = here;
    if (!field.value) field.add(new Option(here, here, true, true));
    field.dispatchEvent(new Event("input", { bubbles: true }));
    keep = typed = false;
  }));
  addEventListener("load", () => document.querySelector("[data-suggested]:focus")?.select?.()); // typed over

  const dress = () => { write(); showFields(); };
  on("htmx:after:swap", dress);
  dress();
  document.querySelector("[data-focus]")?.focus();
  if (byId("shortcuts-on")) byId("shortcuts-on").checked = !keysOff();
  all("[data-passing]").forEach((notice) => setTimeout(() => notice.matches(":focus-within") || notice.remove(), 6000));
  setInterval(() => { write(); note(); }, 1000);
})();
