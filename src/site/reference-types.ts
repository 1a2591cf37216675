import { escapeHtml } from '../page/html';
import type { Reflection, TypeNode } from './reference-model';

/** The address of a public name, by its number. */
export type LinkTo = (id: number) => string | undefined;

/** A type as TypeScript writes it, as HTML whose public names are links. */
export function typeHtml(type: TypeNode | undefined, link: LinkTo): string {
  if (!type) return 'unknown';
  const inner = (one: TypeNode | undefined): string => typeHtml(one, link);
  const list = (types: readonly TypeNode[] | undefined): string => (types ?? []).map(inner).join(', ');
  switch (type.type) {
    case 'reference': {
      const name = escapeHtml(type.name ?? '');
      const address = typeof type.target === 'number' ? link(type.target) : undefined;
      const named = address === undefined ? name : `<a href="${address}">${name}</a>`;
      return type.typeArguments ? `${named}&lt;${list(type.typeArguments)}&gt;` : named;
    }
    case 'literal':
      return typeof type.value === 'string' ? `&#39;${escapeHtml(type.value)}&#39;` : String(type.value);
    case 'array':
      return `${grouped(type.elementType, link)}[]`;
    case 'union':
      return (type.types ?? []).map((one) => (isFunction(one) ? `(${inner(one)})` : inner(one))).join(' | ');
    case 'intersection':
      return (type.types ?? []).map((one) => grouped(one, link)).join(' &amp; ');
    case 'typeOperator':
      return `${type.operator} ${inner(type.target as TypeNode)}`;
    case 'tuple':
      return `[${list(type.elements)}]`;
    case 'namedTupleMember':
      return `${escapeHtml(type.name ?? '')}${type.isOptional ? '?' : ''}: ${inner(type.element)}`;
    case 'optional':
      return `${inner(type.elementType)}?`;
    case 'rest':
      return `...${inner(type.elementType)}`;
    case 'indexedAccess':
      return `${inner(type.objectType)}[${inner(type.indexType)}]`;
    case 'query':
      return `typeof ${inner(type.queryType)}`;
    case 'conditional':
      return `${inner(type.checkType)} extends ${inner(type.extendsType)} ? ${inner(type.trueType)} : ${inner(type.falseType)}`;
    case 'inferred':
      return `infer ${escapeHtml(type.name ?? '')}`;
    case 'predicate':
      return `${type.asserts ? 'asserts ' : ''}${escapeHtml(type.name ?? '')} is ${inner(type.targetType)}`;
    case 'templateLiteral':
      return `\`${escapeHtml(type.head ?? '')}${(type.tail ?? []).map(([one, text]) => `\${${inner(one)}}${escapeHtml(text)}`).join('')}\``;
    case 'reflection':
      return reflectionHtml(type.declaration as Reflection, link);
    default:
      return escapeHtml(type.name ?? type.type);
  }
}

/** A function's signature: its name, type parameters, parameters and result; on several lines if it is long. */
export function signatureHtml(signature: Reflection, link: LinkTo, name = signature.name, arrow = ': '): string {
  const parameters = (signature.parameters ?? []).map((one) => parameterHtml(one, link));
  const head = `${escapeHtml(name)}${typeParametersHtml(signature, link)}`;
  const result = `${arrow}${typeHtml(signature.type, link)}`;
  const line = `${head}(${parameters.join(', ')})${result}`;
  const tooLong = line.replace(/<[^>]*>/g, '').length > MOST_CHARACTERS && arrow === ': ' && parameters.length > 0;
  return tooLong ? `${head}(\n${parameters.map((one) => `  ${one},\n`).join('')})${result}` : line;
}

/** Characters of a signature in one line. */
const MOST_CHARACTERS = 92;

/** The name of a parameter; TypeDoc calls one that is taken apart `__namedParameters`. */
export const parameterName = ({ name }: Reflection): string => (name === '__namedParameters' ? 'options' : name);

function parameterHtml(one: Reflection, link: LinkTo): string {
  const optional = one.flags.isOptional || one.defaultValue !== undefined ? '?' : '';
  return `${one.flags.isRest ? '...' : ''}${escapeHtml(parameterName(one))}${optional}: ${typeHtml(one.type, link)}`;
}

/** `<Parameter extends …>`, or nothing. */
export function typeParametersHtml({ typeParameters = [] }: Reflection, link: LinkTo): string {
  if (typeParameters.length === 0) return '';
  const one = ({ name, type, default: usual }: Reflection): string =>
    `${escapeHtml(name)}${type ? ` extends ${typeHtml(type, link)}` : ''}${usual ? ` = ${typeHtml(usual, link)}` : ''}`;
  return `&lt;${typeParameters.map(one).join(', ')}&gt;`;
}

const isFunction = ({ type, declaration }: TypeNode): boolean =>
  type === 'reflection' && (declaration?.signatures?.length ?? 0) > 0;

/** A type in parentheses, if it needs them before `[]` or `&`. */
function grouped(type: TypeNode | undefined, link: LinkTo): string {
  const html = typeHtml(type, link);
  return type && (/^(union|intersection|typeOperator|conditional|query)$/.test(type.type) || isFunction(type))
    ? `(${html})`
    : html;
}

function reflectionHtml(declaration: Reflection, link: LinkTo): string {
  const { signatures = [], indexSignatures = [], children = [] } = declaration;
  if (signatures.length === 1 && children.length === 0)
    return signatureHtml(signatures[0] as Reflection, link, '', ' =&gt; ');
  const parts = [
    ...signatures.map((one) => signatureHtml(one, link, '')),
    ...indexSignatures.map(
      (one) => `[${(one.parameters ?? []).map((p) => parameterHtml(p, link)).join(', ')}]: ${typeHtml(one.type, link)}`,
    ),
    ...children.map((one) => memberHtml(one, link)),
  ];
  return parts.length === 0 ? '{}' : `{ ${parts.join('; ')} }`;
}

/** A field or a method: `name?: type`. */
export function memberHtml(member: Reflection, link: LinkTo): string {
  const method = member.signatures?.[0];
  if (method) return signatureHtml(method, link, member.name);
  return `${escapeHtml(member.name)}${member.flags.isOptional ? '?' : ''}: ${typeHtml(member.type, link)}`;
}
