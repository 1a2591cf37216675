import fs from 'node:fs';
import path from 'node:path';
import { highlightTypeScript } from '../page/highlight';
import { escapeHtml } from '../page/html';
import type { SiteWriter } from './site-page';

/** The schema of estimate files, from the top of the repository. */
export const SCHEMA_FILE = 'src/messages/estimate.schema.json';

/** As much of JSON Schema as the schema of estimates uses. */
interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly $comment?: string;
  readonly $ref?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly { if: Schema; then: Schema }[];
  /** which kind of estimate it is, and what that needs */
  readonly if?: Schema;
  readonly else?: Schema;
  readonly items?: Schema;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** The smallest file of each kind. */
export const SCHEMA_EXAMPLES: readonly object[] = [
  {
    format: 'dfmr-estimate',
    version: 2,
    machine: 'ward-7',
    family: 'gaussian',
    order: 2,
    dimension: 2,
    weights: [0.4, 0.6],
    parameters: [
      {
        mean: [0, 0],
        covariance: [
          [1, 0.2],
          [0.2, 1],
        ],
      },
      {
        mean: [4, 4],
        covariance: [
          [1, 0],
          [0, 2],
        ],
      },
    ],
    sampleSize: 500,
    names: ['height', 'weight'],
  },
  {
    format: 'dfmr-estimate',
    version: 2,
    machine: 'ward-8',
    order: 2,
    dimension: 1,
    experts: {
      law: 'gaussian',
      gates: [
        [0.5, 1],
        [0, 0],
      ],
      coefficients: [
        [1, 2],
        [0, -1],
      ],
      variances: [0.5, 1],
    },
    sampleSize: 800,
  },
];

/** Writes the schema of estimate files as a page that can be read, and its JSON beside. */
export function writeSchema(
  writer: SiteWriter,
  repository: string,
): { address: string; title: string; summary: string } {
  const text = fs.readFileSync(path.join(repository, SCHEMA_FILE), 'utf8');
  const address = 'guide/estimate-schema.html';
  const title = 'The form of an estimate';
  const summary = 'What a machine sends, field by field, for whoever writes it in another language.';
  writer.file('guide/estimate.schema.json', text);
  writer.page({
    address,
    title,
    sections: [`<h1>${title}</h1>`, `<p>${summary}</p>`, ...schemaSections(JSON.parse(text))],
  });
  return { address, title, summary };
}

/** The schema as HTML: fields, parameters of each family, what a schema cannot say, examples. */
export function schemaSections(schema: Schema): string[] {
  const resolved = ({ $ref, ...own }: Schema): Schema =>
    $ref === undefined ? own : { ...schema.$defs?.[$ref.replace('#/$defs/', '')], ...own };
  const fields = (
    of: Schema,
    needs: (name: string) => string = (name) => (of.required?.includes(name) ? '' : 'optional'),
  ): string =>
    Object.entries(of.properties ?? {})
      .map(([name, value]) => {
        const { description = '', properties } = resolved(value);
        const need = needs(name) === '' ? '' : ` <span class="default">${needs(name)}</span>`;
        const inner = properties ? `<dl class="fields">${fields(resolved(value))}</dl>` : '';
        return `<dt><code><b>${escapeHtml(name)}</b></code>${need}</dt><dd>${escapeHtml(description)}${inner}</dd>`;
      })
      .join('\n');
  const whole = (name: string): string => {
    if (schema.required?.includes(name)) return '';
    if (schema.if?.required?.includes(name)) return 'of mixtures of experts';
    return schema.else?.required?.includes(name) ? 'of mixtures' : 'optional';
  };
  const families = (schema.allOf ?? []).map((one) => {
    const { description = '', properties = {} } = resolved(one.then.properties?.parameters?.items ?? {});
    const parts = Object.entries(properties).map(
      ([name, value]) => `<li><code>${escapeHtml(name)}</code>: ${escapeHtml(resolved(value).description ?? '')}</li>`,
    );
    return `<dt>${familiesNamed(one.if.properties?.family ?? {})}</dt><dd>${escapeHtml(description)}<ul>${parts.join('')}</ul></dd>`;
  });
  const names = SCHEMA_EXAMPLES.map(
    (one) => `<pre class="signature"><code>${highlightTypeScript(jsonText(one))}</code></pre>`,
  );
  return [
    `<p><a href="estimate.schema.json">estimate.schema.json</a> is the schema itself; <code>dfmr validate FILE</code> says what is wrong with a file, and where. A package that has dfmr finds it as <code>dfmr/estimate.schema.json</code>.</p>`,
    `<h2>An example</h2><p>A mixture, and a mixture of experts:</p>${names.join('\n')}`,
    `<h2>Fields</h2><dl class="fields">${fields(schema, whole)}</dl>`,
    `<h2>Parameters, by family</h2><dl class="fields">${families.join('\n')}</dl>`,
    `<h2>What the schema cannot say</h2>${paragraphs(schema.$comment ?? '')}`,
  ];
}

/** JSON with lists of numbers in one line. */
function jsonText(value: object): string {
  return JSON.stringify(value, null, 2).replace(
    /\[\s+([-\d.,\s]+?)\s+\]/g,
    (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`,
  );
}

/** The families that a condition is about, by their names. */
function familiesNamed({ const: only, enum: several, pattern = '' }: Schema): string {
  const named = only !== undefined ? [only] : (several ?? pattern.replace(/[\^$()]/g, '').split('|'));
  return named.map((name) => `<code>${escapeHtml(name)}</code>`).join(', ');
}

/** A long comment as a list of its statements. */
function paragraphs(comment: string): string {
  const sentences = comment.split(/(?<=[.:]) (?=[A-Z])/);
  return sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n');
}
