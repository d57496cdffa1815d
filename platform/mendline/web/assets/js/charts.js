/* Draws charts over time with Chart.js in place of the server's drawing. Every number is already in the page as SVG and
   as a table, so without this file, without Chart.js or on a data error the page stays as it came. */
(function () {
  "use strict";
  var root = document.documentElement, live = [];
  var MARKS = { improvement: "improve", concern: "concern", changed: "neutral" };
  var SHAPES = { concern: "rectRot", changed: "triangle" };
  var RIGHT = 14, TOP = 42;

  function css(name) { return getComputedStyle(root).getPropertyValue("--" + name).trim(); }
  function font(weight, size) { return weight + " " + (size || 12) + "px " + css("sans"); }
  function narrow(width) { return width < 560; }

  function stroke(c, colour, dash, width, points) {
    c.save(); c.strokeStyle = colour; c.lineWidth = width || 1; c.setLineDash(dash || []);
    c.beginPath(); c.moveTo(points[0][0], points[0][1]);
    points.slice(1).forEach(function (p) { c.lineTo(p[0], p[1]); });
    c.stroke(); c.restore();
  }
  function write(c, text, x, y, colour, weight, align, size) {
    c.save(); c.font = font(weight || 500, size); c.fillStyle = colour; c.textBaseline = "middle";
    c.textAlign = align || "left"; c.fillText(text, x, y); c.restore();
  }
  function cap(unit, value) {
    if (unit.floor !== null) { value = Math.max(value, unit.floor); }
    return unit.ceiling === null ? value : Math.min(value, unit.ceiling);
  }
  function number(value, decimals) {
    return value.toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }
  function value(unit, v) { return number(v, unit.decimals) + unit.suffix; }
  function briefly(unit, v) { return v.toLocaleString("en-GB", { maximumFractionDigits: 2 }) + unit.suffix; }

  /* As near as may be to where they belong, `gap` apart, between two ends: the same rule as on the server. */
  function spread(wanted, gap, low, high) {
    var groups = [], places = [], room;
    gap = Math.min(gap, (high - low) / Math.max(1, wanted.length - 1));
    wanted.forEach(function (place, row) {
      groups.push([place - row * gap, 1]);
      while (groups.length > 1) {
        var last = groups[groups.length - 1], before = groups[groups.length - 2];
        if (before[0] / before[1] < last[0] / last[1]) { break; }
        groups.pop(); before[0] += last[0]; before[1] += last[1];
      }
    });
    room = high - gap * (wanted.length - 1);
    groups.forEach(function (group) {
      for (var n = 0; n < group[1]; n += 1) {
        places.push(Math.min(Math.max(group[0] / group[1], low), room) + places.length * gap);
      }
    });
    return places;
  }

  /* What stands on the lines at the right; on a phone only target and latest, so that the plot keeps its room. */
  function labelled(spec, width) {
    var said = [], end = spec.points.length - 1, ranges = spec.steps.length ? spec.steps : spec.phases, phase = ranges[ranges.length - 1];
    spec.targets.forEach(function (line) {
      if (line.end === end) { said.push({ text: "Target " + line.text, at: line.value, colour: "ink", weight: 650, order: 0 }); }
    });
    if (spec.latest !== null) {
      var point = spec.points[spec.latest];
      said.push({ text: "Now " + point.text, at: point.value, colour: MARKS[point.mark] || "ink", weight: 650, order: 1 });
    }
    if (!narrow(width)) {
      if (spec.median !== null) { said.push({ text: "Median " + value(spec.unit, spec.median), at: spec.median, colour: "ink-2", order: 2 }); }
      if (phase) {
        [["Upper limit", phase.upper], [spec.centre_word, phase.centre], ["Lower limit", phase.lower]].forEach(function (line) {
          if (line[1] !== null) { said.push({ text: line[0] + " " + value(spec.unit, cap(spec.unit, line[1])), at: line[1], colour: "ink-2", order: 2 }); }
        });
      }
    }
    return said.map(function (label) { label.at = cap(spec.unit, label.at); return label; })
      .sort(function (a, b) { return b.at - a.at || a.order - b.order; });
  }
  function room(texts) {
    var c = document.createElement("canvas").getContext("2d");
    c.font = font(650);
    return Math.ceil(Math.max.apply(null, [30].concat(texts.map(function (t) { return c.measureText(t).width; })))) + RIGHT + 4;
  }
  function edges(chart, start, end) {
    var x = chart.scales.x, area = chart.chartArea, last = chart.data.labels.length - 1;
    function middle(row) { return (x.getPixelForValue(row) + x.getPixelForValue(row + 1)) / 2; }
    return [start === 0 ? area.left : middle(start - 1), end >= last ? area.right : middle(end)];
  }

  function lines(spec) {
    return {
      id: "mendline-lines",
      beforeDatasetsDraw: function (chart) {
        var c = chart.ctx, a = chart.chartArea, y = chart.scales.y, unit = spec.unit;
        function at(v) { return y.getPixelForValue(cap(unit, v)); }
        function across(start, end, v, colour, dash, width) {
          var x = edges(chart, start, end);
          stroke(c, css(colour), dash, width, [[x[0], at(v)], [x[1], at(v)]]);
        }
        (spec.steps.length ? spec.steps : spec.phases).forEach(function (p) {
          if (p.lower === null || p.upper === null) { return; }
          var x = edges(chart, p.start, p.end);
          c.save(); c.fillStyle = css("band"); c.fillRect(x[0], at(p.upper), x[1] - x[0], at(p.lower) - at(p.upper)); c.restore();
          across(p.start, p.end, p.upper, "line-strong", [2, 3]);
          across(p.start, p.end, p.lower, "line-strong", [2, 3]);
        });
        spec.phases.forEach(function (p) { if (p.centre !== null) { across(p.start, p.end, p.centre, "line-strong"); } });
        if (spec.median !== null) { across(0, spec.points.length - 1, spec.median, "line-strong"); }
        spec.targets.forEach(function (t) { across(t.start, t.end, t.value, "ink", [7, 4], 1.5); });
        headings(chart, spec, a);
      },
      afterDatasetsDraw: function (chart) { above(chart, spec); }
    };
  }
  function headings(chart, spec, a) {
    var c = chart.ctx, words = spec.baseline_text ? [[spec.baseline_text, a.left, null]] : [];
    spec.dividers.forEach(function (d) {
      var x = edges(chart, d.index, spec.points.length)[0];
      words.push([d.text, x + 6, x]);
    });
    words.forEach(function (word, row) {
      var until = row + 1 < words.length ? words[row + 1][1] : chart.width;
      if (word[2] !== null) { stroke(c, css("line-strong"), [], 1, [[word[2], a.top - 24], [word[2], a.bottom]]); }
      c.save(); c.font = font(600);
      if (c.measureText(word[0]).width <= until - word[1] - 4) { write(c, word[0], word[1], a.top - 32, css("ink-2"), 600); }
      c.restore();
    });
  }
  function above(chart, spec) {
    var c = chart.ctx, a = chart.chartArea, x = chart.scales.x, y = chart.scales.y;
    var places = spread(spec.events.map(function (e) { return x.getPixelForValue(e.index); }), 20, a.left, a.right);
    spec.events.forEach(function (e, row) {
      var v = spec.points[e.index].value, to = x.getPixelForValue(e.index), at = places[row];
      var foot = v === null ? a.bottom : y.getPixelForValue(cap(spec.unit, v)) - 8;
      stroke(c, css("ink-2"), [1, 3], 1, [[at, a.top - 2], [to, a.top + 6], [to, Math.max(foot, a.top + 6)]]);
      c.save(); c.fillStyle = css("ink"); c.beginPath(); c.arc(at, a.top - 12, 9, 0, 7); c.fill(); c.restore();
      write(c, e.letter, at, a.top - 11.5, css("surface"), 650, "center", e.letter.length > 1 ? 10 : 12);
    });
    if (spec.latest !== null) {
      c.save(); c.strokeStyle = css("ink"); c.lineWidth = 1.75; c.beginPath();
      c.arc(x.getPixelForValue(spec.latest), y.getPixelForValue(cap(spec.unit, spec.points[spec.latest].value)), 9, 0, 7);
      c.stroke(); c.restore();
    }
    write_labels(chart, labelled(spec, chart.width), y);
  }
  function write_labels(chart, said, y) {
    var a = chart.chartArea;
    var places = spread(said.map(function (l) { return y.getPixelForValue(l.at); }), 16, a.top - 4, a.bottom + 4);
    said.forEach(function (l, row) { write(chart.ctx, l.text, a.right + RIGHT, places[row], css(l.colour), l.weight || 500); });
  }
  function tooltip(spec) {
    return {
      displayColors: false, padding: 10, backgroundColor: css("ink"), titleColor: css("surface"), bodyColor: css("surface"),
      callbacks: {
        title: function (items) { return (spec.period_word === "week" ? "Week of " : "") + items[0].label; },
        label: function (item) {
          var p = spec.points[item.dataIndex], said = [p.counts ? p.text + " (" + p.counts + ")" : p.text, p.reading];
          spec.events.forEach(function (e) { if (e.index === item.dataIndex) { said.push(e.letter + ": " + e.what); } });
          return said;
        }
      }
    };
  }
  function ticks() { return { color: css("ink-2"), font: { size: 12, family: css("sans") }, maxRotation: 0 }; }
  function wide(axis) { axis.width = 52; } /* both plots share one left edge */

  function main(canvas, spec) {
    var small = spec.points.length > 60 ? 0.8 : 1;
    function colour(p) { return css(MARKS[p.mark] || "ink-3"); }
    return new Chart(canvas, {
      type: "line",
      data: {
        labels: spec.points.map(function (p) { return p.label; }),
        datasets: [{
          data: spec.points.map(function (p) { return p.value === null ? null : cap(spec.unit, p.value); }),
          borderColor: css("ink-3"), borderWidth: 1.75, spanGaps: false, clip: false, pointHoverRadius: 8,
          pointStyle: spec.points.map(function (p) { return SHAPES[p.mark] || "circle"; }),
          pointRadius: spec.points.map(function (p) { return small * (p.mark === "concern" || p.mark === "changed" ? 6 : p.mark === "improvement" ? 5 : 3.25); }),
          pointBackgroundColor: spec.points.map(function (p) { return p.hollow ? css("surface") : colour(p); }),
          pointBorderColor: spec.points.map(function (p) { return p.hollow ? colour(p) : css("surface"); }),
          pointBorderWidth: spec.points.map(function (p) { return p.hollow ? 1.5 : 1; })
        }]
      },
      options: {
        animation: false, maintainAspectRatio: false,
        layout: { padding: function (context) { return { top: TOP, right: spec.room(context.chart.width) }; } },
        interaction: { mode: "index", intersect: false },
        scales: {
          x: { offset: false, grid: { display: false }, border: { color: css("line-strong") }, ticks: Object.assign(ticks(), { autoSkip: true, autoSkipPadding: 18 }) },
          y: {
            afterFit: wide, min: spec.axis.low, max: spec.axis.high, border: { display: false }, grid: { color: css("grid") },
            ticks: Object.assign(ticks(), { stepSize: spec.axis.step, autoSkip: false, callback: function (v) { return briefly(spec.unit, v); } })
          }
        },
        plugins: { legend: { display: false }, tooltip: tooltip(spec) }
      },
      plugins: [lines(spec)]
    });
  }
  function range(canvas, spec) {
    var moving = spec.moving_range, one = Math.max(spec.unit.decimals, 1);
    return new Chart(canvas, {
      type: "line",
      data: {
        labels: spec.points.map(function (p) { return p.label; }),
        datasets: [{
          data: moving.values, borderColor: css("ink-3"), borderWidth: 1.5, pointBackgroundColor: css("ink-3"), pointBorderWidth: 0, clip: false,
          pointRadius: moving.values.map(function (v) { return v > moving.upper ? 5 : 2.75; })
        }]
      },
      options: {
        animation: false, maintainAspectRatio: false, interaction: { mode: "index", intersect: false },
        layout: { padding: function (context) { return { top: 8, right: spec.room(context.chart.width) }; } },
        scales: {
          x: { grid: { display: false }, ticks: { display: false }, border: { color: css("line-strong") } },
          y: { afterFit: wide, min: 0, max: moving.axis.high, border: { display: false }, grid: { color: css("grid") }, ticks: Object.assign(ticks(), { stepSize: moving.axis.step }) }
        },
        plugins: { legend: { display: false }, tooltip: { displayColors: false, backgroundColor: css("ink"), titleColor: css("surface"), bodyColor: css("surface"), callbacks: { label: function (item) { return "Change " + number(item.parsed.y, one); } } } }
      },
      plugins: [{
        id: "mendline-range",
        afterDatasetsDraw: function (chart) {
          var c = chart.ctx, a = chart.chartArea, y = chart.scales.y;
          stroke(c, css("line-strong"), [2, 3], 1, [[a.left, y.getPixelForValue(moving.upper)], [a.right, y.getPixelForValue(moving.upper)]]);
          stroke(c, css("line-strong"), [], 1, [[a.left, y.getPixelForValue(moving.average)], [a.right, y.getPixelForValue(moving.average)]]);
          if (!narrow(chart.width)) {
            write_labels(chart, [{ text: "Upper limit " + moving.upper_text, at: moving.upper, colour: "ink-2" }, { text: "Average " + moving.average_text, at: moving.average, colour: "ink-2" }], y);
          }
        }
      }]
    });
  }

  /* Arrow keys go from point to point; each is shown as on hover and said in the live region. */
  function keys(stage, figure, spec, chart) {
    var at = null, say = figure.querySelector("[data-say]");
    function show(row) {
      at = row;
      var p = spec.points[row], active = [{ datasetIndex: 0, index: row }], said = [];
      chart().setActiveElements(p.value === null ? [] : active);
      chart().tooltip.setActiveElements(p.value === null ? [] : active, { x: 0, y: 0 });
      chart().update("none");
      spec.events.forEach(function (e) { if (e.index === row) { said.push("Event " + e.letter + ": " + e.what); } });
      say.textContent = [(spec.period_word === "week" ? "Week of " : "") + p.label, p.text, p.counts, p.reading].concat(said).filter(Boolean).join(". ") + ".";
    }
    function hide() {
      at = null; say.textContent = "";
      chart().setActiveElements([]); chart().tooltip.setActiveElements([], { x: 0, y: 0 }); chart().update("none");
    }
    stage.addEventListener("keydown", function (event) {
      var end = spec.points.length - 1, from = at === null ? spec.latest : at;
      var to = { ArrowLeft: at === null ? from : from - 1, ArrowRight: at === null ? from : from + 1, Home: 0, End: end }[event.key];
      if (event.key === "Escape" && at !== null) { hide(); return; }
      if (to === undefined || from === null || event.ctrlKey || event.metaKey || event.altKey) { return; }
      event.preventDefault();
      show(Math.min(end, Math.max(0, to)));
    });
    stage.addEventListener("blur", function () { if (at !== null) { hide(); } });
  }
  function place(figure, name) {
    var box = figure.querySelector('[data-plot="' + name + '"]');
    if (!box) { return null; }
    var canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", box.querySelector("title").textContent);
    box.appendChild(canvas);
    return canvas;
  }
  function start(figure) {
    var spec = JSON.parse(figure.dataset.spec), stage = figure.querySelector(".xmr__scroll");
    spec.room = function (width) {
      var said = labelled(spec, width).map(function (l) { return l.text; });
      return room(spec.moving_range && !narrow(width) ? said.concat("Upper limit " + spec.moving_range.upper_text) : said);
    };
    figure.classList.add("xmr--live");
    var one = { figure: figure, spec: spec, main: place(figure, "main"), range: spec.moving_range ? place(figure, "range") : null, drawn: [] };
    live.push(one);
    draw(one);
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-roledescription", "chart");
    stage.setAttribute("aria-label", "Chart of " + spec.name + ". The left and right arrow keys go through the results.");
    keys(stage, figure, spec, function () { return one.drawn[0]; });
  }
  function draw(one) {
    Chart.defaults.font.family = css("sans");
    one.drawn.forEach(function (chart) { chart.destroy(); });
    one.drawn = [main(one.main, one.spec)];
    if (one.range) { one.drawn.push(range(one.range, one.spec)); }
  }
  function back(figure) {
    figure.classList.remove("xmr--live");
    figure.querySelectorAll("canvas").forEach(function (canvas) { canvas.remove(); });
  }

  if (typeof Chart === "undefined") { return; }
  document.querySelectorAll('[data-chart="xmr"]').forEach(function (figure) {
    try { start(figure); } catch (trouble) { back(figure); console.error(trouble); }
  });
  function again() { live.forEach(draw); }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  document.addEventListener("mendline:theme", again);
  if (document.fonts) { document.fonts.ready.then(again); }
})();
