// A run in its worker, asked by promises.

export class Runner {
  #worker = new Worker('worker.js', { type: 'module' });
  #waiting = new Map();
  #next = 0;

  // `on(event, message)` hears of pictures, of the end and of faults; it may be replaced.
  on = () => {};

  constructor() {
    this.#worker.onmessage = ({ data }) => {
      if (data.event) return this.on(data.event, data);
      const { resolve, reject } = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.fault === undefined) resolve(data.value); else reject(new Error(data.fault));
    };
    this.#worker.onerror = (event) => this.on('fault', { message: event.message ?? 'the worker could not be started' });
  }

  ask(name, content, transfer = []) {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, name, content }, transfer);
    });
  }

  end() {
    this.#worker.terminate();
  }
}
