// The settings of a run: which method, and its sizes.

const METHODS = {
  ebm: 'Energy with learned proposal',
  ebm_fixed: 'Energy with fixed noise',
  mdn: 'Mixture density network',
  mdn_teacher: 'MDN with energy teacher',
};

// Fields for one run. `heading` is shown when there are two.
export class PlanFields {
  constructor(name, first, changed) {
    this.element = document.createElement('div');
    this.element.className = 'plan';
    const options = Object.entries(METHODS).map(([value, label]) => `<option value="${value}">${label}</option>`).join('');
    this.element.innerHTML = `<h3>Run ${name.toUpperCase()}</h3>
      <label>Method <select id="method-${name}">${options}</select></label>
      <div class="row"><label>K <input id="components-${name}" type="number" min="1" max="64" step="1" value="4" title="Gaussians in the mixture"></label>
      <label>σ₁ <input id="sigma-${name}" type="number" min="0.001" max="100" step="any" value="0.05" title="The smaller scale of the noise; the other is 8 times as large"></label></div>`;
    this.heading = this.element.querySelector('h3');
    this.fields = ['method', 'components', 'sigma'].map((field) => this.element.querySelector(`#${field}-${name}`));
    this.fields[0].value = first;
    this.element.addEventListener('change', () => { this.show(); changed(); });
    this.show();
  }

  // Only the sizes that the method has.
  show() {
    const [method, components, sigma] = this.fields;
    const fixed = method.value === 'ebm_fixed';
    components.closest('label').hidden = fixed;
    sigma.closest('label').hidden = !fixed;
  }

  // The plan for the library.
  plan({ m, seed, epochs }) {
    const [method, components, sigma] = this.fields;
    return { method: method.value, components: components.valueAsNumber, sigma: sigma.valueAsNumber, m, seed, epochs };
  }
}

// The name of a plan: which density is an energy's, and with what it was trained.
export function title({ method, components, sigma }) {
  if (method === 'ebm') return `EBM, learned proposal, K = ${components}`;
  if (method === 'ebm_fixed') return `EBM, fixed noise, σ₁ = ${sigma}`;
  if (method === 'mdn') return `MDN, K = ${components}`;
  return `MDN with teacher, K = ${components}`;
}
