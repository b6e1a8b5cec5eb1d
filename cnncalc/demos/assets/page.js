// The page: settings, steps and pictures. What it knows of windows is in windows.js.
const START = JSON.parse(document.getElementById("start").textContent);

// Text as people read it: a minus sign, decimals of a mean.
const text = n => (Number.isInteger(n) ? String(n) : String(Math.round(n * 1e4) / 1e4))
  .replace("-", "−");
const factor = n => n < 0 ? `(${text(n)})` : text(n);
const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

function el(tag, {on, ...attributes} = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  for (const [event, act] of Object.entries(on ?? {})) made.addEventListener(event, act);
  made.append(...children);
  return made;
}

// A table of numbers with its cells as [row][column].
function grid(caption, rows, columns, cell, name = "") {
  const cells = Array.from({length: rows}, (_, i) =>
    Array.from({length: columns}, (_, j) => cell(i, j)));
  // A caption of the table's own would make its cells as wide as itself.
  const table = el("div", {}, el("div", {class: "caption", "aria-hidden": "true"}, caption),
    el("table", {class: name, "aria-label": caption},
      el("tbody", {}, ...cells.map(row => el("tr", {}, ...row)))));
  return {table, cells};
}

// The terms of a sum with signs between them; of a long one the middle is left out.
function shortened(all, write) {
  const parts = (some, first) => some.flatMap((term, at) => [at || !first ? " + " : "", ...write(term)]);
  if (all.length <= 25) return parts(all, true);
  return [...parts(all.slice(0, 12), true), ` + … (${all.length - 18} more) …`, ...parts(all.slice(-6), false)];
}

// --- settings: as fields, and in the address --------------------------------------------------

const MOST = {W: 24, H: 24, D1: 8, D2: 8, G: 8, K: 24, S: 12, P: 12, D: 8, N: 99999};
const LABELS = {W: "width W", H: "height H", D1: "channels D1", D2: "filters D2", G: "groups",
  K: "kernel K", S: "stride S", P: "padding P", D: "dilation", N: "numbers"};

// One number, or one for each axis, joined by x: "3", "3x5"; padding may have two: "0+1".
function numbers(name, value, axes) {
  const parts = value.trim().split(/[x×]/).map(part => part.split(/[+ ]/).map(Number));
  const least = name === "P" || name === "N" ? 0 : 1;
  const good = parts.flat().every(n => Number.isInteger(n) && n >= least && n <= MOST[name])
    && value.trim() !== "" && (parts.length === 1 || parts.length === axes)
    && parts.every(part => part.length <= (name === "P" ? 2 : 1));
  if (!good) throw {name, message: `${LABELS[name]} is a whole number from ${least} to ${MOST[name]}`
    + (axes > 1 && "KSPD".includes(name) ? ", or one for each axis, such as 3x5." : ".")};
  const pairs = parts.map(([a, b = a]) => name === "P" ? [a, b] : a);
  return axes === 2 && pairs.length === 1 ? [pairs[0], pairs[0]] : pairs;
}

const joined = values => [...new Set(values.map(String))].length === 1 ? values.slice(0, 1) : values;
const written = values => joined(values).map(v => Array.isArray(v)
  ? (v[0] === v[1] ? v[0] : v.join("+")) : v).join("x");

// A setting of two axes from the texts of its fields; along the first of one it is 1.
function read(kind, field) {
  const two = field("dims") === "2";
  const each = name => {
    const found = numbers(name, field(name), two ? 2 : 1);
    return two ? found : [name === "P" ? [0, 0] : 1, found[0]];
  };
  const one = name => numbers(name, field(name), 1)[0];
  const conv = kind === "conv";
  const s = {kind, dims: two ? 2 : 1, extents: [two ? one("H") : 1, one("W")],
    channels: conv ? one("D1") : 1, filters: conv ? one("D2") : 1, groups: conv ? one("G") : 1,
    kernel: each("K"), stride: each("S"), padding: each("P"),
    dilation: kind === "avg" ? [1, 1] : each("D"), seed: one("N"),
    ceil: field("rounding") === "ceil", countsPadding: field("count") !== "no",
    bias: field("bias") !== "no"};
  for (const name of ["channels", "filters"])
    if (s[name] % s.groups) throw {name: "G", message:
      `groups must divide the channels and the filters: ${s.groups} does not divide ${s[name]}.`};
  for (const a of [0, 1]) {
    const covers = s.dilation[a] * (s.kernel[a] - 1) + 1;
    if (!conv && Math.max(...s.padding[a]) >= covers) throw {name: "P", message:
      "the padding of a pool is narrower than its kernel: a window would see nothing else."};
  }
  for (const a of [0, 1])
    if (extents(s)[a] < 1) throw {name: "K", message: `there is no place for the kernel: ${
      formula(s, a).numbers} is less than 1.`};
  if (!conv) {
    const [rows, columns] = extents(s);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        if (!taps(s, i, j).some(tap => tap.inside)) throw {name: "D", message:
          "at this dilation a window steps over the whole input."};
  }
  return s;
}

// The fields of a setting, as texts.
function fields(s) {
  const along = values => written(s.dims === 1 ? values.slice(1) : values);
  const found = {dims: String(s.dims), W: s.extents[1], H: s.extents[0], D1: s.channels,
    D2: s.filters, G: s.groups, K: along(s.kernel), S: along(s.stride), P: along(s.padding),
    D: along(s.dilation), N: s.seed, rounding: s.ceil ? "ceil" : "floor",
    count: s.countsPadding ? "yes" : "no", bias: s.bias ? "yes" : "no", kind: s.kind};
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, String(value)]));
}

// The formula of an extent in symbols and in numbers, and its value before it is rounded.
function formula(s, a) {
  const letter = a ? "W" : "H";
  const [w, k, st, [b, e], d] = [s.extents[a], s.kernel[a], s.stride[a], s.padding[a], s.dilation[a]];
  const reach = d === 1 ? [`K`, `${k}`] : ["(D·(K − 1) + 1)", `(${d}·(${k} − 1) + 1)`];
  const pad = b === e ? ["2P", `2·${b}`] : ["Pb + Pa", `${b} + ${e}`];
  const room = w + b + e - (d * (k - 1) + 1);
  return {symbol: `${letter}2`, symbols: `(${letter} − ${reach[0]} + ${pad[0]})/S + 1`,
    numbers: `(${w} − ${reach[1]} + ${pad[1]})/${st} + 1`, room, value: room / st + 1,
    left: room - (extents(s)[a] - 1) * st};
}

function formulaText(s) {
  const same = s.dims === 2 && ["extents", "kernel", "stride", "padding", "dilation"].every(
    name => String(s[name][0]) === String(s[name][1]));
  return (s.dims === 1 || same ? [1] : [1, 0]).map(a => {
    const f = formula(s, a), n = extents(s)[a];
    const rounded = n === f.value ? "" : ` = ${text(f.value)} → ${n}`;
    const line = a ? "column" : "row";
    const left = f.left > 0 ? `, ${plural(f.left, line)} left over` : "";
    return `${f.symbol} = ${f.symbols} = ${f.numbers}${rounded || ` = ${n}`}${left}`;
  }).join(";  ");
}

const volume = (s, [rows, columns], channels) =>
  [...(s.dims === 2 ? [rows] : []), columns, channels].join("×");

// --- a panel that steps through its windows ---------------------------------------------------

class Stepper {
  constructor(panel, start) {
    this.panel = panel;
    this.conv = start.kind === "conv";
    this.names = this.conv ? ["W", "H", "D1", "D2", "K", "S", "P", "D", "G", "N"]
      : ["W", "H", "K", "S", "P", "D", "N"];
    this.values = fields(start);
    this.step = 0;
    this.build();
    this.apply();
  }

  build() {
    const change = () => { this.collect(); this.apply(); share(); };
    this.inputs = {};
    const select = (name, label, choices) => {
      const made = el("select", {"aria-label": label, on: {change}},
        ...choices.map(([value, shown]) => el("option", {value}, shown)));
      this.inputs[name] = made;
      return made;
    };
    const kind = this.conv ? [] : [select("kind", "kind of pool", [["max", "max"], ["avg", "mean"]])];
    const dims = select("dims", "axes", [["2", "2-D"], ["1", "1-D"]]);
    const rounding = select("rounding", "rounding", [["floor", "rounded down"], ["ceil", "rounded up"]]);
    const labels = this.names.map(name => {
      const input = el("input", {value: "", autocomplete: "off",
        inputmode: "KSPD".includes(name) ? "text" : "numeric", on: {change}});
      this.inputs[name] = input;
      return el("label", {class: name === "N" ? "wide" : null}, LABELS[name], input);
    });
    this.settings = el("form", {class: "settings", "aria-label": "Settings",
      on: {submit: event => { event.preventDefault(); change(); }}}, ...kind, dims, ...labels, rounding);
    this.formula = el("p", {class: "formula"});
    this.said = el("p", {class: "said", role: "status"});
    const button = (label, shown, act) =>
      el("button", {type: "button", "aria-label": label, title: label, on: {click: act}}, shown);
    this.player = button("Play", "▶ Play", () => this.toggle());
    this.slider = el("input", {type: "range", min: 1, "aria-label": "Step",
      on: {input: () => { this.pause(); this.go(this.slider.value - 1); }}});
    this.count = el("output", {});
    this.steps = el("div", {class: "steps"}, button("One step back", "◀", () => this.move(-1)),
      this.player, button("One step on", "▶|", () => this.move(1)), this.slider, this.count);
    this.scene = el("div", {class: "scene"});
    this.sum = el("div", {class: "sum", "aria-live": "polite"});
    // On a phone the settings would fill the first screen.
    const folded = el("details", {open: window.innerWidth > 640}, el("summary", {}, "Settings"),
      this.settings);
    this.panel.append(folded, this.formula, this.said, this.steps, this.scene, this.sum);
    this.panel.addEventListener("keydown", event => this.key(event));
    this.fill();
  }

  fill() {
    for (const [name, input] of Object.entries(this.inputs)) input.value = this.values[name];
  }

  collect() {
    for (const [name, input] of Object.entries(this.inputs)) this.values[name] = input.value;
  }

  // Take over the settings; what is wrong is said, and the last picture stays.
  apply() {
    this.pause();
    const kind = this.conv ? "conv" : this.values.kind;
    for (const input of Object.values(this.inputs)) input.removeAttribute("aria-invalid");
    this.inputs.H.parentElement.hidden = this.values.dims === "1";
    this.inputs.D.parentElement.hidden = kind === "avg";
    let s;
    try {
      s = read(kind, name => this.values[name]);
    } catch (wrong) {
      if (!wrong.name) throw wrong;
      this.inputs[wrong.name]?.setAttribute("aria-invalid", "true");
      this.said.textContent = wrong.message[0].toUpperCase() + wrong.message.slice(1);
      this.said.classList.add("wrong");
      return;
    }
    this.said.classList.remove("wrong");
    this.s = s;
    this.data = drawn(s);
    this.result = output(s, this.data);
    const [rows, columns] = extents(s);
    this.windows = [];
    for (let f = 0; f < s.filters; f++)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) this.windows.push([f, i, j]);
    this.formula.textContent = formulaText(s);
    this.said.textContent = this.conv ? this.parameters() : `Output ${
      volume(s, [rows, columns], s.channels)}: every channel by itself. Parameters: 0.`;
    this.draw(rows, columns);
    this.slider.max = this.windows.length;
    this.go(Math.min(this.step, this.windows.length - 1));
  }

  parameters() {
    const s = this.s, [rows, columns] = extents(s);
    const taps = [...(s.dims === 2 ? [s.kernel[0]] : []), s.kernel[1], s.channels / s.groups].join("·");
    const count = s.kernel[0] * s.kernel[1] * s.channels / s.groups * s.filters;
    const sum = s.bias ? `${taps}·${s.filters} + ${s.filters} = ${count + s.filters}`
      : `${taps}·${s.filters} = ${count}`;
    const groups = s.groups > 1 ? ` Each filter reads ${plural(s.channels / s.groups, "channel")} of ${
      s.channels}.` : "";
    return `Output ${volume(s, [rows, columns], s.filters)}. Parameters: ${sum}.${groups}`;
  }

  draw(rows, columns) {
    const s = this.s, {padding: [[top, bottom], [left, right]], extents: [h, w]} = s;
    // How far the last window reaches: with rounding up it may be beyond the padding.
    const reach = [rows, columns].map((n, a) =>
      (n - 1) * s.stride[a] + s.dilation[a] * (s.kernel[a] - 1) + 1);
    const size = [Math.max(h + top + bottom, reach[0]), Math.max(w + left + right, reach[1])];
    const cell = channel => (i, j) => {
      const [y, x] = [i - top, j - left];
      const pad = y < 0 || x < 0 || y >= h || x >= w;
      const unused = i >= reach[0] || j >= reach[1] ? " left" : "";
      const shown = pad ? (this.conv || s.kind === "avg" ? "0" : "") : text(this.data.x[channel][y][x]);
      return el("td", {class: (pad ? "pad" : "in") + unused}, shown);
    };
    this.kernels = [];
    this.scene.classList.toggle("large", Math.max(...s.kernel) > 5);
    this.scene.classList.toggle("small", Math.max(...size) > 10);
    this.grids = Array.from({length: s.channels}, (_, c) => grid(
      s.channels > 1 ? `channel ${c + 1}` : "one channel", ...size, cell(c)));
    const channels = this.grids.map(({table}, c) => {
      const here = [];
      for (let f = 0; this.conv && f < s.filters; f++) {
        const place = reads(s, f).indexOf(c);
        if (place < 0) continue;
        const one = grid(`filter ${f + 1}${s.channels > 1 ? `, channel ${c + 1}` : ""}`, ...s.kernel,
          (u, v) => el("td", {}, text(this.data.w[f][place][u][v])), "kernel");
        this.kernels.push({f, table: one.table});
        here.push(one.table);
      }
      return el("div", {class: "channel"}, table, el("div", {class: "filters"}, ...here));
    });
    const name = volume(s, s.extents, s.channels);
    const padded = s.padding.flat().some(Boolean) ? `, padded by ${this.values.P}` : "";
    const filters = this.conv ? `, and ${plural(s.filters, "filter")} of ${
      volume(s, s.kernel, s.channels / s.groups)}` : "";
    this.results = this.result.map((plane, f) => grid(
      this.conv ? `filter ${f + 1}${s.bias ? `, bias ${text(this.data.b[f])}` : ""}` : `${
        s.kind === "max" ? "the largest values" : "the means"}`, rows, columns, (i, j) => {
        const step = (f * rows + i) * columns + j;
        return el("td", {}, el("button", {type: "button", tabindex: -1,
          "aria-label": `Step ${step + 1}`, on: {click: () => { this.pause(); this.go(step); }}}));
      }));
    this.scene.replaceChildren(
      el("div", {}, el("h2", {}, `Input ${name}${padded}${filters}`),
        el("div", {class: "channels"}, ...channels)),
      el("div", {}, el("h2", {}, `Output ${volume(s, [rows, columns], s.filters)}`),
        el("div", {class: "outputs"}, ...this.results.map(one => one.table))));
  }

  go(step) {
    this.step = Math.max(0, Math.min(step, this.windows.length - 1));
    const s = this.s, [f, i, j] = this.windows[this.step];
    this.slider.value = this.step + 1;
    this.count.textContent = `${this.step + 1} of ${this.windows.length}`;
    for (const {table} of this.grids)
      for (const cell of table.querySelectorAll(".under")) {
        cell.classList.remove("under", "most");
        cell.querySelector("sub")?.remove();
      }
    const read = this.conv ? terms(s, this.data, f, i, j)
      : [{channel: f, terms: taps(s, i, j).map(tap => ({...tap}))}];
    const best = s.kind === "max" ? this.result[f][i][j] : null;
    for (const {channel, terms: found} of read)
      for (const tap of found) {
        const cell = this.grids[channel].cells[tap.i + s.padding[0][0]][tap.j + s.padding[1][0]];
        cell.classList.add("under");
        if (this.conv) cell.append(el("sub", {}, `×${text(tap.w)}`));
        else if (tap.inside && this.data.x[channel][tap.i][tap.j] === best) cell.classList.add("most");
      }
    // Of wide kernels that of the filter at work is shown alone.
    for (const {f: filter, table} of this.kernels) table.classList.toggle("other", filter !== f);
    this.windows.forEach(([g, y, x], at) => {
      const cell = this.results[g].cells[y][x], button = cell.firstChild;
      cell.className = at === this.step ? "now" : at < this.step ? "done" : "";
      button.textContent = at <= this.step ? text(this.result[g][y][x]) : "";
      button.tabIndex = at === this.step ? 0 : -1;
    });
    this.say(f, i, j, read);
  }

  // The sum written out: by channel, then the bias.
  say(f, i, j, read) {
    const s = this.s, where = [...(this.conv ? [`filter ${f + 1}`] : []),
      ...(s.dims === 2 ? [`row ${i + 1}`] : []), `column ${j + 1}`].join(", ");
    const strong = value => el("strong", {}, text(value));
    if (!this.conv) {
      const {values, count, sum, value} = pooled(s, this.data, f, i, j);
      const line = s.kind === "max" ? [`max(${values.map(text).join(", ")}) = `]
        : [`(${values.map(text).join(" + ")})/${count} = ${text(sum)}/${count} = `];
      this.sum.replaceChildren(el("p", {}, ...line, strong(value), `  ${where}`));
      return;
    }
    const sums = read.map(part => part.terms.reduce((a, {x, w}) => a + x * w, 0));
    const lines = read.map((part, at) => el("p", {}, `channel ${part.channel + 1}: `,
      ...shortened(part.terms, ({x, w, inside}) => [
        el("span", {class: inside ? "" : "zero"}, text(x)), "·", el("span", {class: "w"}, factor(w))]),
      ` = ${text(sums[at])}`));
    const bias = s.bias ? ` + bias ${text(this.data.b[f])}` : "";
    const total = sums.map((sum, at) => at ? factor(sum) : text(sum)).join(" + ");
    this.sum.replaceChildren(...lines,
      el("p", {}, `${total}${bias} = `, strong(this.result[f][i][j]), `  ${where}`));
  }

  move(by) { this.pause(); this.go(this.step + by); }

  toggle() {
    if (this.timer) return this.pause();
    if (this.step === this.windows.length - 1) this.go(0);
    this.player.textContent = "❚❚ Pause";
    this.sum.setAttribute("aria-live", "off");
    this.timer = setInterval(() => {
      this.go(this.step + 1);
      if (this.step === this.windows.length - 1) this.pause();
    }, 900);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    if (this.player) this.player.textContent = "▶ Play";
    this.sum?.setAttribute("aria-live", "polite");
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const field = event.target.closest("input:not([type=range]), select");
    const act = {ArrowRight: () => this.move(1), ArrowLeft: () => this.move(-1), " ": () => this.toggle(),
      Home: () => this.go(0), End: () => this.go(this.windows.length - 1)}[event.key];
    if (field || !act || (event.key === " " && event.target.closest("button"))) return;
    event.preventDefault();
    act();
  }
}

// --- the eye ----------------------------------------------------------------------------------

class Eye {
  constructor(panel) {
    this.panel = panel;
    [this.down, this.right, this.size] = [2, 2, 2];
    const move = (down, right, label, shown) => el("button", {type: "button", "aria-label": label,
      title: label, on: {click: () => this.move(down, right)}}, shown);
    this.select = el("select", {on: {change: () => { this.size = +this.select.value; this.show(); share(); }}},
      ...[1, 2, 4, 8].map(n => el("option", {value: n}, `${n}×${n}`)));
    this.said = el("div", {class: "sum", "aria-live": "polite"});
    this.scene = el("div", {class: "scene eye"});
    panel.append(el("div", {class: "settings"},
      el("div", {class: "pads"}, move(-1, 0, "Move the eye up", "↑"), move(0, -1, "Move the eye left", "←"),
        move(1, 0, "Move the eye down", "↓"), move(0, 1, "Move the eye right", "→")),
      el("label", {}, "pool", this.select),
      el("button", {type: "button", on: {click: () => { [this.down, this.right] = [2, 2]; this.show(); }}},
        "Back to the start")), this.scene, this.said);
    panel.addEventListener("keydown", event => {
      const by = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
      if (!by || event.target.closest("select")) return;
      event.preventDefault();
      this.move(...by);
    });
    this.show();
  }

  move(down, right) {
    this.down = Math.max(0, Math.min(7, this.down + down));
    this.right = Math.max(0, Math.min(7, this.right + right));
    this.show();
    share();
  }

  show() {
    const {size} = this;
    this.select.value = size;
    const now = eyeMaps(this.down, this.right, size), before = eyeMaps(2, 2, size);
    const changed = (a, b) => a.flat().filter((value, at) => value !== b.flat()[at]).length;
    const map = (name, values, cut) => grid(name, values.length, values.length, (i, j) => {
      const cuts = [[j, "cut-right"], [i, "cut-below"]].filter(([at]) =>
        cut > 1 && (at + 1) % cut === 0 && at + 1 < values.length).map(([, word]) => word);
      const cell = el("td", {class: ["shade", values[i][j] === 16 ? "now" : "", ...cuts].join(" ")},
        text(values[i][j]));
      cell.style.setProperty("--share", `${Math.round(values[i][j] / 16 * 100)}%`);
      return cell;
    }).table;
    const image = grid("image 12×12", 12, 12, (i, j) => el("td", {class: `v${now.image[i][j]}`}), "image");
    image.table.lastChild.setAttribute("aria-label",
      `image with an eye at row ${this.down + 1}, column ${this.right + 1}`);
    const filter = grid("the eye filter", 5, 5, (i, j) => el("td", {}, text(EYE_FILTER[i][j])), "kernel");
    this.scene.replaceChildren(image.table, filter.table,
      map("responses 8×8, after ReLU", now.responses, size),
      map(`max pool ${size}×${size}: ${8 / size}×${8 / size}`, now.pooled, 1));
    const place = ([i, j]) => `row ${i + 1}, column ${j + 1}`;
    const here = [this.down, this.right], there = [2, 2];
    const cell = at => at.map(n => Math.floor(n / size));
    const still = String(here) === String(there);
    const same = String(cell(here)) === String(cell(there));
    const conv = still ? `The filter answers 16 where the eye is, at ${place(here)}.`
      : `Convolution is equivariant: the eye moved, and its 16 moved as far, from ${place(there)} to ${
        place(here)}. ${changed(now.responses, before.responses)} of 64 responses changed.`;
    const count = `${changed(now.pooled, before.pooled)} of ${(8 / size) ** 2} pooled values changed.`;
    const pool = still ? `After the pool, the 16 stands at ${place(cell(here))}.`
      : size === 1 ? "A pool of 1×1 does nothing."
      : size === 8 ? `One window over all: the 16 stays, wherever the eye is. ${count}`
      : same ? `The pooled 16 stays at ${place(cell(here))}: the move ends in the same window. ${count}`
      : `The pooled 16 moved from ${place(cell(there))} to ${place(cell(here))}: the move crossed a window's border. ${count}`;
    const moral = "Pooling tolerates a move inside a window, and none across its border: that is "
      + "tolerance, not invariance. Only a pool over the whole map is invariant, and it forgets "
      + "where the eye was.";
    this.said.replaceChildren(el("p", {}, conv), el("p", {}, pool), el("p", {}, moral));
  }
}

// --- tabs, and the address --------------------------------------------------------------------

const TABS = ["conv", "pool", "eye"];
const panels = {conv: new Stepper(document.getElementById("conv"), START.conv),
  pool: new Stepper(document.getElementById("pool"), START.pool),
  eye: new Eye(document.getElementById("eye"))};
let shown = START.starts;

function show(tab, focus = false) {
  panels[shown].pause?.();
  shown = tab;
  for (const name of TABS) {
    const button = document.getElementById(`tab-${name}`), here = name === tab;
    button.setAttribute("aria-selected", here);
    button.tabIndex = here ? 0 : -1;
    if (here && focus) button.focus();
    document.getElementById(name).hidden = !here;
  }
}

// A part of the address for the settings of what is shown, so that they can be linked.
function share() {
  const panel = panels[shown], pairs = {t: shown};
  if (shown === "eye") Object.assign(pairs, {down: panel.down, right: panel.right, K: panel.size});
  else Object.assign(pairs, panel.values);
  try { history.replaceState(null, "", `#${new URLSearchParams(pairs)}`); } catch { /* no address */ }
}

function open() {
  const pairs = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const tab = TABS.includes(pairs.t) ? pairs.t : shown;
  if (tab === "eye") {
    const number = (name, usual, known) => known.includes(+pairs[name]) ? +pairs[name] : usual;
    const eye = panels.eye, places = [0, 1, 2, 3, 4, 5, 6, 7];
    [eye.down, eye.right, eye.size] = [number("down", 2, places), number("right", 2, places),
      number("K", 2, [1, 2, 4, 8])];
    eye.show();
  } else if (pairs.t) {
    const panel = panels[tab];
    for (const name of Object.keys(panel.values))
      if (name in pairs) panel.values[name] = pairs[name].slice(0, 20);
    panel.fill();
    panel.apply();
  }
  show(tab);
}

TABS.forEach((name, at) => {
  const button = document.getElementById(`tab-${name}`);
  button.addEventListener("click", () => { show(name); share(); });
  button.addEventListener("keydown", event => {
    const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!by) return;
    show(TABS[(at + by + TABS.length) % TABS.length], true);
    share();
  });
});
window.addEventListener("hashchange", open);
open();

// The output was computed by the kernels of cnncalc, too, when the page was made.
const found = output(START[START.starts], drawn(START[START.starts])).flat(2);
if (!found.every((value, at) => Math.abs(value - START.output[at]) < 1e-4))
  console.error("the output is not that of cnncalc");
