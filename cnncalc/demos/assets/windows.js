// The arithmetic of sliding windows, on whole numbers. A setting `s` has, along each of two axes,
// extents, kernel, stride, padding (before and after) and dilation; x is [channel][row][column].
"use strict";

// The output extent: (W - K + 2P)/S + 1, where a dilated kernel covers D·(K - 1) + 1.
function extent(w, k, s, [before, after], d, ceil) {
  const room = w + before + after - (d * (k - 1) + 1);
  if (!ceil) return Math.max(0, Math.floor(room / s) + 1);
  // Rounded up, each window begins in the input or in the padding before it.
  return Math.max(0, Math.min(Math.ceil(room / s) + 1, Math.ceil((w + before) / s)));
}

const extents = s => [0, 1].map(a =>
  extent(s.extents[a], s.kernel[a], s.stride[a], s.padding[a], s.dilation[a], s.ceil));

// The rows and columns under the window at an output position, with their place in the kernel.
function taps(s, row, column) {
  const found = [];
  for (let u = 0; u < s.kernel[0]; u++)
    for (let v = 0; v < s.kernel[1]; v++) {
      const i = row * s.stride[0] - s.padding[0][0] + u * s.dilation[0];
      const j = column * s.stride[1] - s.padding[1][0] + v * s.dilation[1];
      found.push({u, v, i, j, inside: i >= 0 && j >= 0 && i < s.extents[0] && j < s.extents[1]});
    }
  return found;
}

// The channels that a filter reads: those of its group.
function reads(s, filter) {
  const each = s.channels / s.groups;
  const first = Math.floor(filter / (s.filters / s.groups)) * each;
  return Array.from({length: each}, (_, c) => first + c);
}

// The products under a filter's window, channel by channel.
function terms(s, data, filter, row, column) {
  return reads(s, filter).map((channel, c) => ({channel, terms: taps(s, row, column).map(t => ({
    ...t, x: t.inside ? data.x[channel][t.i][t.j] : 0, w: data.w[filter][c][t.u][t.v]}))}));
}

function convolution(s, data, filter, row, column) {
  let sum = data.b[filter];
  for (const part of terms(s, data, filter, row, column))
    for (const {x, w} of part.terms) sum += x * w;
  return sum;
}

// The values under a pool's window, and how many a mean divides by.
function pooled(s, data, channel, row, column) {
  const all = taps(s, row, column);
  const within = ({i, j}) => [i, j].every((p, a) =>
    p >= -s.padding[a][0] && p < s.extents[a] + s.padding[a][1]);
  const values = all.filter(t => t.inside).map(t => data.x[channel][t.i][t.j]);
  const count = s.countsPadding ? all.filter(within).length : values.length;
  const sum = values.reduce((a, b) => a + b, 0);
  return {values, count, sum, value: s.kind === "max" ? Math.max(...values) : sum / count};
}

function output(s, data) {
  const [rows, columns] = extents(s);
  const value = s.kind === "conv" ? convolution : (...at) => pooled(...at).value;
  return Array.from({length: s.filters}, (_, f) => Array.from({length: rows}, (_, i) =>
    Array.from({length: columns}, (_, j) => value(s, data, f, i, j))));
}

// The numbers of a seed: the upper half of a linear congruential generator's.
function* generator(seed) {
  for (let state = seed >>> 0;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 16;
  }
}

const LECTURE = [1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4];

function drawn(s) {
  const source = generator(s.seed);
  const next = () => source.next().value;
  const array = (shape, make) => shape.length
    ? Array.from({length: shape[0]}, () => array(shape.slice(1), make)) : make();
  const lecture = s.kind !== "conv" && s.seed === 0 && s.channels === 1
    && String(s.extents) === "4,4" ? LECTURE.values() : null;
  const x = array([s.channels, ...s.extents], () =>
    lecture ? lecture.next().value : next() % (s.kind === "conv" ? 3 : 10));
  if (s.kind !== "conv") return {x, w: [], b: []};
  const w = array([s.filters, s.channels / s.groups, ...s.kernel], () => next() % 3 - 1);
  return {x, w, b: array([s.filters], () => next() % 2 * (s.bias ? 1 : 0))};
}

// The eye of the lecture: a ring around a pupil, and a filter that answers 16 to it.
const EYE = ["01110", "10001", "10201", "10001", "01110"].map(row => [...row].map(Number));
const EYE_FILTER = EYE.map(row => row.map(value => value || -1));

function eyeImage(down, right) {
  const at = (i, j) => EYE[i - down]?.[j - right] ?? 0;
  return Array.from({length: 12}, (_, i) => Array.from({length: 12}, (_, j) => at(i, j)));
}

function eyeMaps(down, right, size) {
  const s = {kind: "conv", extents: [12, 12], channels: 1, filters: 1, groups: 1, kernel: [5, 5],
    stride: [1, 1], padding: [[0, 0], [0, 0]], dilation: [1, 1], ceil: false};
  const image = eyeImage(down, right);
  const [sums] = output(s, {x: [image], w: [[EYE_FILTER]], b: [0]});
  const responses = sums.map(row => row.map(value => Math.max(value, 0)));  // ReLU
  const pool = {...s, kind: "max", extents: [8, 8], kernel: [size, size], stride: [size, size]};
  return {image, responses, pooled: output(pool, {x: [responses]})[0]};
}
