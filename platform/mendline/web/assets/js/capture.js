/* The shift forms and the first page: drafts kept at every change, sent when there is a signal, exactly once. */
(function (store, device) {
  "use strict";
  if (!device) { return; }
  var HALF_HOUR = 1800000;
  var root = device.root, away = device.away, find = device.find, each = device.each, two = device.two, clock = device.clock;
  var day = device.day, signal = device.signal, ask = device.ask, flush = device.flush, deliver = device.deliver;

  /* ---- the first page ---- */
  function home(held) {
    each(root.querySelectorAll("[data-lock]"), function (button) {
      button.hidden = !held;
      button.addEventListener("click", function () {
        store.lock().then(function () { location.assign(away ? "/capture" : "/sign-in"); });
      });
    });
    if (away) { awayTiles(held); }
    find("[data-send-now]").addEventListener("click", function () { sendAll(held); });
    addEventListener("online", function () { sendAll(held); });
    setInterval(function () { sendAll(held); }, 60000);
    return show(held).then(function () { return sendAll(held); });
  }
  function awayTiles(held) {
    var ids = held ? Object.keys(held.places || {}) : [];
    find("[data-lead]").textContent = held ? ids.map(function (id) { return held.places[id]; }).join(", ") : "";
    each(root.querySelectorAll("[data-tile]"), function (tile) {
      var last = new URLSearchParams(location.search).get("service");
      var id = last && ids.indexOf(last) >= 0 ? last : ids[0];
      if (id) { tile.href = "/capture/" + id + "/" + tile.dataset.tile; } else { tile.removeAttribute("href"); }
    });
    signal(held ? "No signal. What you record is kept on this device" : "No signal, and nobody is signed in here. Drafts stay locked");
  }
  function sendAll(held) {
    if (!held) { return Promise.resolve(); }
    return flush(held).then(function (last) {
      if (last === "nothing") { if (!away) { signal(""); } return; }
      if (last === "out") { signal("Sign in again to send. Nothing is lost"); }
      else if (last === "away") { signal("No signal. Sends itself when there is"); }
      else { signal("Sent " + clock(Date.now()), true); if (!away) { refreshSent(); } else { location.assign("/capture"); } }
      return show(held);
    });
  }
  function refreshSent() {
    fetch("/capture", { credentials: "same-origin" }).then(function (answer) { return answer.text(); }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html");
      each(["sent-h", "due-h"], function (id) {
        var old = document.getElementById(id), now = fresh.getElementById(id);
        if (old && now) { old.closest("section").replaceWith(now.closest("section")); }
      });
    }).catch(function () { return null; });
  }
  function line(one, words, link) {
    var item = document.createElement("li"), heading = document.createElement("h3"), text = document.createElement("p");
    var to = document.createElement("a");
    if (link) {
      to.href = "/capture/" + one.draft.service + "/" + one.draft.form + "?draft=" + one.draft.id + (one.draft.query ? "&" + one.draft.query : "");
      to.textContent = one.draft.title;
      heading.appendChild(to);
    } else { heading.textContent = one.draft.title; }
    text.className = "meta";
    text.textContent = words;
    item.appendChild(heading);
    item.appendChild(text);
    return item;
  }
  function show(held) {
    return store.mine(held).then(function (found) {
      var unsent = find("[data-unsent-list]"), going = find("[data-going-list]"), locked = find("[data-locked]");
      var waiting = 0;
      unsent.textContent = going.textContent = "";
      found.drafts.forEach(function (one) {
        var at = clock(one.row.saved);
        if (one.row.state === "waiting") {
          waiting += 1;
          unsent.appendChild(line(one, "Finished " + clock(one.draft.finished) + ". Kept on this device until it is sent.", false));
        } else if (one.row.state === "refused") {
          waiting += 1;
          unsent.appendChild(line(one, one.draft.says + " Open it and put it right.", true));
        } else if (one.row.state === "conflict") {
          going.appendChild(line(one, one.draft.says, false));
        } else if (one.row.state === "draft") {
          going.appendChild(line(one, "Saved " + at + ". Go on where you were.", true));
        }
      });
      find("[data-unsent]").hidden = waiting === 0;
      find("[data-unsent-count]").textContent = String(waiting);
      find("[data-going]").hidden = !going.children.length;
      locked.hidden = found.locked === 0;
      locked.textContent = found.locked === 1
        ? "1 draft of somebody else is locked on this device until they sign in."
        : found.locked + " drafts are locked on this device until those who wrote them sign in.";
    });
  }

  /* ---- a form ---- */
  function form(held) {
    var query = new URLSearchParams(location.search);
    var parts = location.pathname.split("/").filter(Boolean);
    var state = {
      id: query.get("draft") || root.dataset.record, form: root.dataset.form, service: root.dataset.service || parts[1],
      of: query.get("of"), n: Number(query.get("n")) || 0, total: Number(query.get("total")) || 0, changed: false
    };
    var saving = Promise.resolve(), again = false;

    function control(name) { return root.querySelectorAll('[name="' + name + '"]'); }
    function value(name) {
      var found = control(name);
      if (!found.length) { return ""; }
      if (found[0].type === "checkbox") {
        return Array.prototype.filter.call(found, function (one) { return one.checked; }).map(function (one) { return one.value; });
      }
      if (found[0].type === "radio") {
        var on = Array.prototype.filter.call(found, function (one) { return one.checked; })[0];
        return on ? on.value : "";
      }
      return found[0].value.trim();
    }
    function set(name, given) {
      each(control(name), function (one) {
        if (one.type === "checkbox") { one.checked = given.indexOf(one.value) >= 0; }
        else if (one.type === "radio") { one.checked = one.value === given; }
        else { one.value = given; }
      });
    }
    function questions() { return root.querySelectorAll("[data-ask]"); }
    function read() {
      var answers = {};
      each(questions(), function (ask) { answers[ask.dataset.ask] = value(ask.dataset.ask); });
      each(root.querySelectorAll("input[type=hidden]"), function (one) {
        if (["csrf_token", "record_id", "completes"].indexOf(one.name) < 0) { answers[one.name] = one.value; }
      });
      return answers;
    }
    function draft(finished) {
      query.delete("draft");
      return {
        id: state.id, form: state.form, service: state.service, title: root.querySelector("[data-title-here]").textContent,
        answers: read(), unknown: value("unknown") || [], completes: query.get("completes") || value("completes") || null,
        finished: finished || null, query: query.toString()
      };
    }
    /* One write at a time; what changed meanwhile is written after it. Never loses the newest. */
    function save() {
      if (!held) { signal("Not kept on this device: sign in to keep drafts"); return saving; }
      if (again) { return saving; }
      again = true;
      saving = saving.then(function () {
        again = false;
        var now = draft();
        return store.seal(held, now, "draft").then(function (row) {
          signal((navigator.onLine && !away ? "" : "No signal. ") + "Draft saved on this device, " + clock(row.saved));
          return store.touch(held);
        });
      }).catch(function () { signal("This device could not keep the draft. Send it before you leave the page"); });
      return saving;
    }
    function help() {
      each(root.querySelectorAll("[data-quick]"), function (button) {
        if (button.dataset.quickOf) {
          button.dataset.quick = value(button.dataset.quickOf);
          button.textContent = "All " + button.dataset.quick;
          button.hidden = button.dataset.quick === "";
        } else { button.hidden = false; }
      });
      each(root.querySelectorAll("[data-range]"), function (say) {
        var ask = say.parentElement, given = value(ask.dataset.ask).replace(",", "."), number = Number(given);
        var inside = number >= Number(ask.dataset.low) && number <= Number(ask.dataset.high);
        say.textContent = given === "" || isNaN(number) ? "" : inside ? "✓ In range" : "Out of range. Tell whoever is in charge.";
        say.className = "ask__range" + (inside ? " is-in" : " is-out");
      });
      var words = find("[data-then-words]"), count = root.dataset.thenCounts ? Number(value(root.dataset.thenCounts)) || 0 : 0;
      if (words) {
        words.hidden = count < 1;
        words.textContent = count === 1 ? "Next, we will ask about the gap. You will not be asked to guess."
          : "Next, we will ask about each of the " + count + " gaps. You will not be asked to guess.";
        dock.textContent = count < 1 ? first : count === 1 ? "Continue to the gap" : "Continue to the " + count + " gaps";
      }
      var folded = find("[data-folded-words]");
      folded.textContent = ["shift_band", "unit", "people_on_unit"].map(function (name) {
        var on = root.querySelector('[name="' + name + '"]:checked');
        var said = on ? on.parentElement.textContent.trim().split(",")[0] : control(name).length && control(name)[0].type !== "radio" ? value(name) : "";
        return said && name === "people_on_unit" ? said + (said === "1" ? " person" : " people") : said;
      }).filter(Boolean).join(", ");
    }
    function fill() {
      var now = new Date(), began = new Date(now.getTime() - HALF_HOUR);
      function band(hour) { return hour >= 8 && hour < 14 ? "day" : hour >= 14 && hour < 18 ? "afternoon" : hour >= 18 && hour < 22 ? "evening" : "night"; }
      var shift = band(began.getHours());
      if (shift === "night" && began.getHours() < 12) { began = new Date(began.getTime() - 24 * 3600000); }
      var known = {
        now: day(now) + "T" + clock(now), today: day(now), shift_on: day(began), shift_band: shift,
        band_now: band(now.getHours()), weekend: now.getDay() % 6 === 0 ? "yes" : "no", initials: held ? held.initials : ""
      };
      each(questions(), function (ask) {
        if (ask.dataset.fill in known && value(ask.dataset.ask) === "") { set(ask.dataset.ask, known[ask.dataset.fill]); }
      });
      if (state.n && state.total) {
        root.querySelector("[data-title-here]").textContent = "Gap " + state.n + " of " + state.total;
        first = state.n < state.total ? "Save and go to gap " + (state.n + 1) : "Save the last gap";
        dock.textContent = first;
      }
      if (away && held && held.places) { find("[data-lead]").textContent = held.places[state.service] || ""; }
      each(root.querySelectorAll("[data-folded] [data-needed]"), function (ask) {
        if (value(ask.dataset.ask) === "") { find("[data-folded]").open = true; }
      });
    }
    /* What is still to be answered, said once at the top and beside each question. */
    function problems(given) {
      var box = find("[data-errors]"), list = [];
      each(root.querySelectorAll(".error"), function (old) { old.remove(); });
      each(questions(), function (ask) {
        var name = ask.dataset.ask, words = given ? given[name] : null, now = value(name);
        var open = now === "" || (Array.isArray(now) && !now.length);
        if (!given && ask.hasAttribute("data-needed") && open && value("unknown").indexOf(name) < 0) {
          words = ask.querySelector("[name=unknown]") ? "Answer this. “I do not know yet” is fine." : "Answer this.";
        }
        if (!words) { return; }
        list.push([name, words]);
        var say = document.createElement("span");
        say.className = "error";
        say.textContent = words;
        ask.insertBefore(say, ask.firstChild);
        if (ask.closest("details")) { ask.closest("details").open = true; }
      });
      box.textContent = "";
      if (!list.length) { return false; }
      var top = document.createElement("div"), heading = document.createElement("h2"), lines = document.createElement("ul");
      top.className = "errors";
      top.tabIndex = -1;
      top.setAttribute("role", "alert");
      heading.textContent = list.length === 1 ? "There is 1 thing to put right" : "There are " + list.length + " things to put right";
      list.forEach(function (one) {
        var item = document.createElement("li"), to = document.createElement("a");
        var label = root.querySelector('[data-ask="' + one[0] + '"] .label');
        to.href = "#f-" + one[0];
        to.textContent = (label ? label.textContent.trim() + " " : "") + one[1];
        item.appendChild(to);
        lines.appendChild(item);
      });
      top.appendChild(heading);
      top.appendChild(lines);
      box.appendChild(top);
      top.focus();
      return true;
    }
    function next() {
      if (state.of && state.n < state.total) {
        return "/capture/" + state.service + "/" + state.form + "?of=" + state.of + "&n=" + (state.n + 1) + "&total=" + state.total;
      }
      var count = root.dataset.thenCounts ? Math.min(Number(value(root.dataset.thenCounts)) || 0, 99) : 0;
      return count > 0 ? "/capture/" + state.service + "/" + root.dataset.then + "?of=" + state.id + "&n=1&total=" + count : "/capture?service=" + state.service;
    }
    function finish(event) {
      if (!held) { return; }  // the form posts by itself, as it does without script
      event.preventDefault();
      if (problems(null)) { return; }
      dock.disabled = true;
      saving.then(function () {
        var done = draft(new Date().toISOString());
        return store.seal(held, done, "waiting").then(function () {
          signal("Sending");
          return ask().then(function (answer) {
            if (typeof answer === "string" || answer.person !== held.person) { return { outcome: "away" }; }
            device.heard(answer);
            return deliver(held, done);
          });
        });
      }).then(function (answer) {
        if (answer.outcome === "refused") {
          dock.disabled = false;
          signal(answer.says);
          problems(answer.problems || {});
          return;
        }
        location.assign(next());
      });
    }

    var dock = document.querySelector(".dock button"), first = dock.textContent;
    var kept = document.querySelector(".dock .meta");
    kept.textContent = "Kept on this device. Sends itself when you have signal.";
    root.addEventListener("input", function (event) {
      var ask = event.target.closest("[data-ask]");
      if (ask) {
        var wait = ask.querySelector("[name=unknown]");
        if (event.target === wait && wait.checked) { set(ask.dataset.ask, ""); }
        else if (wait && event.target !== wait) { wait.checked = false; }
      }
      help();
      save();
    });
    each(root.querySelectorAll("[data-quick]"), function (button) {
      button.addEventListener("click", function () {
        var ask = button.closest("[data-ask]"), field = control(ask.dataset.ask)[0];
        field.value = button.dataset.quick;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
    });
    root.addEventListener("submit", finish);

    return Promise.resolve(!state.id && state.of ? store.followed(state.of, state.n) : state.id || crypto.randomUUID()).then(function (id) {
      state.id = id;
      return held ? store.one(held, id) : null;
    }).then(function (known) {
      if (known && known.row.state !== "sent") {
        Object.keys(known.draft.answers).forEach(function (name) { set(name, known.draft.answers[name]); });
        set("unknown", known.draft.unknown || []);
        if (known.draft.problems) { problems(known.draft.problems); }
        signal("Draft saved on this device, " + clock(known.row.saved));
      } else if (away) { signal("No signal. What you record is kept on this device"); }
      fill();
      help();
      root.dataset.ready = "yes";
      return held && !known ? older(held, state) : null;
    });
  }
  function older(held, state) {
    return store.mine(held).then(function (found) {
      var other = found.drafts.filter(function (one) {
        return one.row.state === "draft" && one.draft.form === state.form && one.draft.service === state.service && one.row.id !== state.id && !state.of;
      })[0];
      if (!other) { return; }
      var note = find("[data-older]"), to = document.createElement("a");
      to.href = "/capture/" + state.service + "/" + state.form + "?draft=" + other.row.id;
      to.textContent = "Go on with it";
      note.textContent = "You have a draft of this from " + clock(other.row.saved) + ". ";
      note.appendChild(to);
      note.hidden = false;
    });
  }

  device.holder().then(function (held) {
    return root.dataset.capture === "home" ? home(held) : form(held);
  }).catch(function () { signal("This browser keeps no drafts. The form still sends with signal"); });
  if ("serviceWorker" in navigator) { navigator.serviceWorker.register("/capture/worker.js", { scope: "/capture" }); }
}(mendlineStore, mendlineDevice));
