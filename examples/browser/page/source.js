// What is learned from: the choice, drawn points, and the columns of a file.

import { check_table, table_columns } from './module/ebm_browser.js';

const at = (id) => document.getElementById(id);
const DRAWN = [[-3, 3], [-3, 3]];
// Pixels of the plane are this many units; closer points are one.
const SPACING = 0.08;

export class Source {
  points = { x: [], y: [] };
  cross = null;
  #file = null;
  #last = null;

  // `changed()` hears of other data, `drawn()` of another point.
  constructor(changed, drawn) {
    this.changed = changed;
    this.drawn = drawn;
    at('data').addEventListener('change', () => this.choose(at('data').value));
    at('csv').addEventListener('change', () => at('csv').files[0] && this.take(at('csv').files[0]));
    for (const id of ['input', 'target']) at(id).addEventListener('change', () => this.#check());
    at('undo').addEventListener('click', () => { this.points.x.pop(); this.points.y.pop(); drawn(); });
    at('clear').addEventListener('click', () => { this.points = { x: [], y: [] }; drawn(); });
    at('ring').addEventListener('click', () => this.#ring());
  }

  get kind() {
    return at('data').value;
  }

  choose(kind) {
    at('data').value = kind;
    at('drawing').hidden = kind !== 'points';
    at('table').hidden = kind !== 'csv';
    this.#epochs();
    this.say('');
    if (kind === 'csv' && this.#file) this.#check(); else this.changed();
  }

  // What the library is asked for; nothing while there is nothing to learn from.
  async wanted() {
    switch (this.kind) {
      case 'points': return { kind: 'points', ...this.points, ranges: DRAWN };
      case 'engel': {
        const text = await (await fetch('engel.csv')).text();
        return { kind: 'table', file: 'engel.csv', text, input: 'income', target: 'foodexp' };
      }
      case 'csv': return this.#file && { kind: 'table', ...this.#file, input: at('input').value, target: at('target').value };
      default: return { kind: 'task', name: this.kind };
    }
  }

  // A file that was chosen or dropped.
  async take(file) {
    this.#file = { file: file.name, text: await file.text() };
    at('data').value = 'csv';
    at('drawing').hidden = true;
    at('table').hidden = false;
    this.#epochs();
    try {
      const names = JSON.parse(table_columns(this.#file.file, this.#file.text));
      for (const [id, index] of [['input', 0], ['target', Math.min(1, names.length - 1)]]) {
        at(id).replaceChildren(...names.map((name) => new Option(name, name)));
        at(id).selectedIndex = index;
      }
      at('columns').hidden = false;
      this.#check();
    } catch (error) {
      this.#file = null;
      at('columns').hidden = true;
      this.say(error.message);
      this.changed();
    }
  }

  // The paper's epochs for its tasks; a few hundred examples need more to make as many steps.
  #epochs() {
    at('epochs').value = this.kind.startsWith('toy') ? 75 : 600;
  }

  // The report of `ebm check`, or its error.
  #check() {
    try {
      this.say(check_table(this.#file.file, this.#file.text, at('input').value, at('target').value), true);
    } catch (error) {
      this.say(error.message);
    }
    this.changed();
  }

  say(message, plain = false) {
    at('message').textContent = message;
    at('message').hidden = message === '';
    at('message').classList.toggle('plain', plain);
  }

  // The pen of the first plane.
  pen() {
    if (this.kind !== 'points') return null;
    return {
      down: (point) => { this.#last = null; this.#add(point); },
      move: (point) => this.#add(point),
      key: ({ key }) => this.#key(key),
    };
  }

  #add([x, y]) {
    const inside = Math.abs(x) <= 3 && Math.abs(y) <= 3;
    if (!inside || this.#last && Math.hypot(x - this.#last[0], y - this.#last[1]) < SPACING) return;
    this.#last = [x, y];
    this.points.x.push(x);
    this.points.y.push(y);
    this.drawn();
  }

  #key(key) {
    const moves = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
    if (!(key in moves) && key !== ' ') return false;
    this.cross ??= [0, 0];
    if (key === ' ') { this.#last = null; this.#add(this.cross); return true; }
    this.cross = this.cross.map((value, i) => Math.max(-3, Math.min(3, value + moves[key][i])));
    this.drawn();
    return true;
  }

  // Two hundred points around a ring: every x has two branches.
  #ring() {
    for (let i = 0; i < 200; i++) {
      const angle = 2 * Math.PI * i * 0.618034;
      const radius = 2 + 0.12 * Math.sin(i * 12.9898) + 0.1 * Math.cos(i * 78.233);
      this.points.x.push(radius * Math.cos(angle));
      this.points.y.push(radius * Math.sin(angle));
    }
    this.drawn();
  }
}
