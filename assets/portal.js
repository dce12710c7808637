// The little behaviour that must answer at once and needs no server. Loaded with `defer`; everything works
// by delegation from the document, so it does not matter when React draws or redraws an element.
"use strict";
(() => {
  // Hints: [data-tip=ID] opens the popover with that id on hover, on keyboard focus and on tap (WCAG 1.4.13:
  // Esc or a tap outside closes it, the pointer may go onto it, it stays until the pointer leaves).
  const GAP = 8;
  let timer = 0;
  let pinned = null;
  const openers = new WeakMap();
  const tipOf = (opener) => document.getElementById(opener.dataset.tip);
  const isOpen = (tip) => tip.matches(":popover-open");
  const openerOf = (event) => event.target.closest?.("[data-tip]");
  const place = (opener, tip) => {
    const at = opener.getBoundingClientRect();
    const input = opener.closest(".field")?.querySelector(".input")?.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const right = document.documentElement.clientWidth - size.width - 16;
    // Above, or else below the field, so that it stays in sight while the hint is read. A hovering pointer
    // has to reach the hint, so then it stands right beside.
    const bottom = pinned === tip && input?.height ? input.bottom : at.bottom;
    const isAbove = at.top >= size.height + 2 * GAP;
    const beside = tip.dataset.side === "right" && at.right + GAP <= right;
    const left = beside ? at.right + GAP : at.left + at.width / 2 - Math.min(size.width / 2, 40);
    const over = isAbove ? at.top - size.height - GAP : Math.min(bottom + GAP, innerHeight - size.height - GAP);
    const top = beside ? at.top + (at.height - size.height) / 2 : over;
    tip.style.left = `${Math.max(16, Math.min(left, right))}px`;
    tip.style.top = `${Math.max(GAP, top)}px`;
  };
  const show = (opener) => {
    const tip = tipOf(opener);
    if (!tip?.showPopover || isOpen(tip)) return;
    tip.showPopover();
    openers.set(tip, opener);
    place(opener, tip);
  };
  const hide = (tip) => tip && isOpen(tip) && tip.hidePopover();
  const later = (action, wait) => {
    clearTimeout(timer);
    timer = setTimeout(action, wait);
  };
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const opener = openerOf(event);
    if (opener && !opener.contains(event.relatedTarget)) later(() => show(opener), 150);
    else if (event.target.closest("[popover]")) clearTimeout(timer);
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "mouse") return;
    const opener = openerOf(event);
    const tip = opener ? tipOf(opener) : event.target.closest("[popover]");
    if (!tip || opener?.contains(event.relatedTarget) || tip.contains(event.relatedTarget)) return;
    later(() => pinned !== tip && hide(tip), 250);
  });
  document.addEventListener("focusin", (event) => {
    const opener = openerOf(event);
    if (opener?.matches(":focus-visible")) show(opener);
  });
  document.addEventListener("focusout", (event) => {
    const opener = openerOf(event);
    const tip = opener && tipOf(opener);
    if (tip && !tip.matches(":hover")) hide(tip);
  });
  document.addEventListener("click", (event) => {
    const opener = openerOf(event);
    if (!opener) return;
    clearTimeout(timer);
    const tip = tipOf(opener);
    if (!tip?.showPopover) return;
    if (opener.matches("a, [type=submit]")) return hide(tip);
    event.preventDefault();
    const byPointer = event.detail > 0;
    if (isOpen(tip) && (!byPointer || pinned === tip)) return hide(tip);
    pinned = tip;
    show(opener);
    place(opener, tip);
  });
  document.addEventListener(
    "toggle",
    (event) => {
      const tip = event.target;
      if (!tip.id || !tip.matches?.("[popover]")) return;
      if (event.newState === "closed" && pinned === tip) pinned = null;
      for (const opener of document.querySelectorAll(`button[data-tip="${CSS.escape(tip.id)}"]`))
        opener.setAttribute("aria-expanded", String(event.newState === "open"));
    },
    true,
  );
  const follow = () => {
    for (const tip of document.querySelectorAll(".tip:popover-open")) {
      const opener = openers.get(tip);
      const at = opener?.getBoundingClientRect();
      if (!at || at.bottom < 0 || at.top > innerHeight) hide(tip);
      else place(opener, tip);
    }
  };
  addEventListener("scroll", follow, { passive: true, capture: true });
  addEventListener("resize", follow);

  // The button that shows a password: [data-reveal=INPUT_ID]. A sent form hides it again, so that a
  // browser recognises the field as a password.
  const reveal = (button, shown) => {
    const input = document.getElementById(button.dataset.reveal);
    if (!input) return;
    input.type = shown ? "text" : "password";
    button.toggleAttribute("data-shown", shown);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-reveal]");
    if (button) reveal(button, !button.hasAttribute("data-shown"));
  });

  // A window: [data-window=ID] opens the dialog with that id; [data-close] in it and a tap outside close it.
  document.addEventListener("click", ({ target }) => {
    const opener = target.closest?.("[data-window]");
    if (opener) document.getElementById(opener.dataset.window)?.showModal();
    else if (target.matches?.("dialog") || target.closest?.("[data-close]")) target.closest("dialog").close();
  });
  // The button that opened it may be gone with what was done there.
  const headAfter = ({ target }) => {
    if (document.activeElement === document.body || target.contains(document.activeElement)) document.querySelector("h1")?.focus();
  };
  document.addEventListener("close", headAfter, true);

  // A mouse on a button that sends a form leaves the focus where it is: a field that is left says what is wrong with it,
  // and that moves the button away while the mouse is still down. A finger's press takes no such time.
  let pointer = "";
  addEventListener("pointerdown", (event) => (pointer = event.pointerType), true);
  document.addEventListener("mousedown", (event) => {
    if (pointer === "mouse" && event.button === 0 && event.target.closest("[type=submit]")) event.preventDefault();
  });

  // A form is not sent twice by a double click; a changed field makes it ready again at once.
  const sent = new WeakMap();
  addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const isLoading = form.querySelector("progress");
      if (isLoading || performance.now() - (sent.get(form) ?? -1e4) < 400) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      sent.set(form, performance.now());
      form.querySelectorAll("[data-reveal][data-shown]").forEach((button) => reveal(button, false));
    },
    true,
  );

  // What was typed comes back when its form is drawn anew under the same address: after a lost connection the page
  // begins from scratch, and the person must not. Passwords are left out; nothing outlives the tab.
  const drafts = new Map();
  let draftsOf = location.pathname;
  const draftName = ({ form, name }) => form && name && `${form.getAttribute("aria-label")} ${name}`;
  const isKept = (field) => field.matches?.("input, textarea, select") && !["hidden", "password", "file"].includes(field.type);
  const settleDrafts = () => {
    if (location.pathname !== draftsOf) drafts.clear();
    draftsOf = location.pathname;
  };
  document.addEventListener("input", ({ target }) => {
    settleDrafts();
    const isMark = target.type === "checkbox";
    if (isKept(target) && draftName(target)) drafts.set(draftName(target), isMark ? target.checked : target.value);
  });
  const type = (field, text) => {
    // Past React's own setter, so that it notices the change as it does when a person types.
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
    field.dispatchEvent(new Event(field.options ? "change" : "input", { bubbles: true }));
  };
  const retype = (field) => {
    const draft = drafts.get(draftName(field));
    if (draft === undefined || location.pathname !== draftsOf) return;
    const isOther = { radio: field.value === draft && !field.checked, checkbox: field.checked !== draft };
    if (field.type in isOther) return isOther[field.type] && field.click();
    if (field.value === draft || (field.value !== field.defaultValue && !field.options)) return;
    if (field.options && !Array.from(field.options, ({ value }) => value).includes(draft)) return;
    type(field, draft);
  };
  // [data-forget] holds a button that gives up what was typed into its group: the fields stand as they were drawn.
  document.addEventListener("click", ({ target }) => {
    const group = target.closest?.("[data-forget]")?.closest("[role=group]");
    group?.querySelectorAll("input[type=text]").forEach((field) => {
      field.value = field.defaultValue;
      drafts.delete(draftName(field));
    });
  });
  new MutationObserver((records) => {
    if (!drafts.size) return;
    const drawn = records.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node.isConnected);
    const fields = drawn.flatMap((node) => [...(node.querySelectorAll?.("input, textarea, select") ?? []), node]).filter(isKept);
    new Set(fields).forEach(retype);
  }).observe(document, { childList: true, subtree: true });

  // A searchable list: [data-filter=LIST_ID] hides the choices whose text lacks the typed words, in whatever case they end.
  const plain = (text) => text.toLowerCase().replaceAll("ё", "е");
  const stem = (word) => word.slice(0, 3) + word.slice(3).replace(/[аеиоуыэюяйь]+$/, "");
  document.addEventListener("input", (event) => {
    if (event.target.form) sent.delete(event.target.form);
    const list = document.getElementById(event.target.dataset?.filter ?? "");
    if (!list) return;
    const words = plain(event.target.value).split(/\s+/).filter(Boolean).map(stem);
    let found = 0;
    for (const choice of list.querySelectorAll(".choice, [data-part]")) {
      const fits = words.every((word) => plain(choice.textContent).includes(word));
      choice.hidden = !fits;
      found += fits;
    }
    for (const group of list.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("[data-part]:not([hidden])");
    list.parentElement.querySelector(".picker-none").hidden = found > 0;
  });
  document.addEventListener("click", ({ target }) => target.closest?.("[data-print]") && print());

  // [data-copy=ID] copies the text of an element and says so for a moment; a demo over plain http has no clipboard.
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("[data-copy]");
    const source = button && document.getElementById(button.dataset.copy);
    if (!source) return;
    getSelection().selectAllChildren(source);
    await (navigator.clipboard?.writeText(source.innerText) ?? document.execCommand("copy"));
    getSelection().removeAllRanges();
    button.toggleAttribute("data-shown", true);
    setTimeout(() => button.removeAttribute("data-shown"), 3000);
  });
  const settle = (input) => {
    const picker = input.closest(".picker");
    if (!picker || !input.checked) return;
    picker.removeAttribute("data-open");
  };
  document.addEventListener("pointerdown", ({ target }) => target.closest?.(".picker-list")?.closest(".picker").toggleAttribute("data-pointer", true));
  document.addEventListener("change", ({ target }) => {
    const picker = target.closest?.(".picker");
    if (!picker || target.type !== "radio") return;
    if (!picker.hasAttribute("data-pointer")) picker.setAttribute("data-open", "");
    picker.removeAttribute("data-pointer");
  });
  document.addEventListener("click", ({ target }) => {
    const picker = target.closest?.(".picker");
    if (!picker) return;
    if (target.closest(".picker-change")) {
      picker.setAttribute("data-open", "");
      picker.querySelector("input[type=search]").focus();
    } else if (target.type === "radio" && picker.hasAttribute("data-pointer")) settle(target);
  });
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.key !== "Enter" || !target.closest?.(".picker")) return;
    if (target.type === "radio" || target.type === "search") event.preventDefault();
    if (target.type !== "radio") return;
    target.checked || target.click();
    settle(target);
  });

  // <wait-button seconds="45" restart="1">: the button inside appears when the seconds are over.
  class WaitButton extends HTMLElement {
    static observedAttributes = ["seconds", "restart"];
    attributeChangedCallback() {
      this.ends = performance.now() + 1000 * Number(this.getAttribute("seconds") || 0);
      this.tick();
    }
    connectedCallback() {
      this.attributeChangedCallback();
    }
    disconnectedCallback() {
      clearTimeout(this.timer);
    }
    tick() {
      clearTimeout(this.timer);
      const left = Math.ceil((this.ends - performance.now()) / 1000);
      this.toggleAttribute("waiting", left > 0);
      const clock = this.querySelector("time");
      if (left <= 0 || !clock) return;
      clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      this.timer = setTimeout(() => this.tick(), 1000 - (performance.now() % 1000) + 20);
    }
  }
  customElements.define("wait-button", WaitButton);

  // Uploads what is chosen in its <input type=file> at once and lists it in its <ul aria-live>, for a form has other
  // lists; the heirs know where to and keep the names. A form waits until its files have come.
  const MEGABYTES = 10;
  const element = (tag, properties) => Object.assign(document.createElement(tag), properties);
  // A refusal as the fields of the pages have it: the icon, the word for who does not see it, the sentence.
  const refusal = (tag, sentence) => {
    const line = element(tag, { className: "field-error" });
    line.innerHTML = '<svg class="icon icon-small" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4 2.8 20h18.4zM12 10v4M12 17v.01"/></svg><span><span class="sr-only">Ошибка: </span></span>';
    line.lastChild.append(sentence);
    return line;
  };
  class Uploader extends HTMLElement {
    files = [];
    most = 1;
    get list() {
      return this.querySelector("ul[aria-live]");
    }
    listen() {
      this.addEventListener("change", ({ target }) => {
        if (target.type !== "file") return;
        [...target.files].forEach((file) => this.upload(file));
        target.value = "";
      });
    }
    line(name) {
      const line = element("li", { className: "fact row" });
      const remove = element("button", { type: "button", className: "button-text", textContent: "Убрать" });
      remove.append(element("span", { className: "sr-only", textContent: ` ${name}` }));
      remove.onclick = () => this.remove(line);
      line.append(element("span", { textContent: name }), remove);
      this.list.append(line);
      return line;
    }
    settle(line, file) {
      line.file = file;
      line.firstChild.textContent = `${file.name}, ${file.size}`;
    }
    refuse(line, why) {
      line.firstChild.replaceWith(refusal("span", `${line.firstChild.textContent}: ${why}`));
    }
    remove(line) {
      line.request?.abort();
      line.remove();
      if (line.file) fetch(`${this.place}/${line.file.id}`, { method: "DELETE" }).catch(() => {});
      this.hold(this.files.filter((file) => file !== line.file));
      this.querySelector("[type=file]").focus();
    }
    upload(file) {
      const line = this.line(file.name);
      const taken = this.files.length + this.list.querySelectorAll("progress").length;
      if (taken >= this.most) return this.refuse(line, `можно не больше ${this.most} файлов`);
      if (file.size > MEGABYTES * 1024 * 1024) return this.refuse(line, `файл больше ${MEGABYTES} МБ`);
      const bar = element("progress", { max: 1, value: 0, ariaLabel: `Загружаем ${file.name}` });
      line.lastChild.before(bar);
      const request = (line.request = new XMLHttpRequest());
      request.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
      request.onloadend = () => {
        bar.remove();
        if (!line.isConnected) return;
        if (!request.status) return this.refuse(line, "нет связи, попробуйте ещё раз");
        let answer = { error: "не получилось, попробуйте ещё раз" };
        try {
          answer = JSON.parse(request.responseText);
        } catch {}
        if (!answer.id) return this.refuse(line, answer.error);
        this.settle(line, answer);
        this.hold([...this.files, answer]);
      };
      const body = new FormData();
      body.append("file", file);
      request.open("POST", this.getAttribute("to") ?? this.place);
      request.send(body);
    }
  }

  // [data-scan=ID] sends the photo of a bill and writes the account of its payment code into its form; the element
  // with that id says what came of it. The form may have been drawn anew meanwhile: a camera puts the page to sleep.
  document.addEventListener("change", async ({ target }) => {
    const told = () => document.getElementById(target.dataset.scan ?? "");
    const photo = target.files?.[0];
    if (!told() || !photo) return;
    const say = (textContent) => told()?.replaceChildren(element("p", { textContent, className: "muted" }));
    say("Читаем код…");
    told().append(element("progress", { ariaLabel: "Читаем код" }));
    target.disabled = true;
    const chosen = new FormData(target.form).get("provider") ?? "";
    const body = new FormData();
    body.append("file", photo);
    let answer = { error: "Не получилось. Проверьте связь и попробуйте ещё раз." };
    try {
      if (photo.size > MEGABYTES * 1024 * 1024) answer.error = `Снимок больше ${MEGABYTES} МБ. Уменьшите его или введите номер.`;
      else answer = await (await fetch(`/scan/bill?provider=${chosen}`, { method: "POST", body })).json();
    } catch {}
    target.value = "";
    target.disabled = false;
    if (answer.said) say(answer.said);
    else told()?.replaceChildren(refusal("p", answer.error));
    const form = told()?.closest("form");
    told()?.scrollIntoView({ block: "nearest" });
    if (!form || !answer.said) return target.focus();
    const provider = form.querySelector(`[name=provider][value="${answer.provider}"]`);
    if (provider?.type === "radio") {
      provider.click();
      settle(provider);
    }
    // A form for another provider understands the payment code.
    type(form.elements.number, provider || !answer.provider ? answer.number : answer.code);
    form.querySelector("[type=submit]").focus();
    form.addEventListener("submit", () => say(""), { once: true });
  });

  // <photo-field to="/readings/photo/METER">: one photo; another one takes its place.
  class PhotoField extends Uploader {
    place = "/readings/photo";
    connectedCallback() {
      this.listen();
    }
    hold(files) {
      this.files = files;
      this.querySelector("[type=hidden]").value = files.map(({ id }) => id).join();
    }
    upload(file) {
      [...this.list.children].forEach((line) => this.remove(line));
      super.upload(file);
    }
  }
  customElements.define("photo-field", PhotoField);

  // <kept-draft of="new" sent="…">: what is written and chosen in its form outlives a reload and the end of the
  // session, until `sent` names the form's own intent: then it is saved, and the form is empty again.
  class KeptDraft extends Uploader {
    static observedAttributes = ["sent"];
    place = "/support/attachments";
    most = 5;
    connectedCallback() {
      this.key = `draft ${this.getAttribute("of")}`;
      this.begin(JSON.parse(sessionStorage.getItem(this.key)));
      this.attributeChangedCallback();
      this.addEventListener("input", ({ target }) => isKept(target) && this.keep({ [target.name]: target.value, at: location.search }));
      this.listen();
    }
    attributeChangedCallback() {
      const saved = (this.getAttribute("sent") ?? "").split(" ");
      const isSaved = (key) => saved.includes(JSON.parse(sessionStorage.getItem(key)).intent);
      const keys = Object.keys(sessionStorage).filter((key) => key.startsWith("draft "));
      const done = keys.filter(isSaved);
      done.forEach((key) => sessionStorage.removeItem(key));
      if (!done.includes(this.key)) return;
      drafts.clear();
      this.begin(null);
    }
    begin(kept) {
      const random = crypto.getRandomValues(new Uint8Array(16));
      const fresh = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
      const { intent = fresh, text = "", files = [], ...chosen } = kept ?? {};
      // An address that names an account wins over what was chosen under another one.
      const isChosenHere = !location.search || location.search === chosen.at;
      this.draft = { intent, text, files, ...(isChosenHere && chosen) };
      this.files = files;
      this.list.replaceChildren();
      this.files.forEach((file) => this.settle(this.line(file.name), file));
      this.querySelector("[name=text]").value = text;
      // Choices are made anew as by the person, for they show and hide other fields.
      const fields = [...this.querySelector("form").elements].filter(isKept);
      settleDrafts();
      fields.forEach((field) => drafts.set(draftName(field), this.draft[field.name]));
      queueMicrotask(() => fields.forEach(retype));
      this.keep({});
    }
    keep(change) {
      Object.assign(this.draft, change);
      sessionStorage.setItem(this.key, JSON.stringify(this.draft));
      this.querySelector("[name=intent]").value = this.draft.intent;
      this.querySelector("[name=files]").value = this.draft.files.map(({ id }) => id).join(" ");
    }
    hold(files) {
      this.files = files;
      this.keep({ files });
    }
  }
  customElements.define("kept-draft", KeptDraft);

  // What somebody else may have changed is read anew when the person comes back to the tab: [data-refresh].
  document.addEventListener("visibilitychange", () => document.hidden || document.querySelector("[data-refresh]")?.click());

  // After a step to another page without a reload, a screen reader continues at its heading.
  let path = location.pathname;
  class PageHead extends HTMLElement {
    connectedCallback() {
      if (location.pathname === path) return;
      path = location.pathname;
      this.querySelector("h1")?.focus({ preventScroll: true });
    }
  }
  customElements.define("page-head", PageHead);

  // <leave-page to="https://…">: opens the address when it appears on a page that is already shown.
  class LeavePage extends HTMLElement {
    static observedAttributes = ["to"];
    attributeChangedCallback(name, before, to) {
      if (this.isConnected && /^https?:\/\//.test(to ?? "")) location.assign(to);
    }
  }
  customElements.define("leave-page", LeavePage);

  // <focus-on to="ID 2">: focuses the element when another one, or the same once more, is named.
  class FocusOn extends HTMLElement {
    static observedAttributes = ["to"];
    attributeChangedCallback(name, before, to) {
      if (this.isConnected) setTimeout(() => document.getElementById(to.split(" ")[0])?.focus());
    }
  }
  customElements.define("focus-on", FocusOn);
})();
