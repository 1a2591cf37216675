import fc from 'fast-check';
import { expect, it } from 'vitest';
import { numberOfText } from './text-number';

it('is the number that JavaScript reads, for every decimal number', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 20 });
  const exponent = fc.option(fc.tuple(fc.constantFrom('e', 'E'), fc.integer({ min: -340, max: 340 })), {
    nil: undefined,
  });
  const sign = fc.constantFrom('', '-', '+');
  const property = fc.property(sign, digits, fc.option(digits), exponent, (before, whole, decimals, power) => {
    const text = `${before}${whole}${decimals === null ? '' : `.${decimals}`}${power?.join('') ?? ''}`;
    expect(numberOfText(text)).toBe(Number(text));
  });
  fc.assert(property, { numRuns: 3000 });
});

it.each(['-0', '0.1', '.5', '5.', '123456789012345', '0.00000000000001', ' 7 ', '1e5'])('reads %j', (text) => {
  expect(numberOfText(text)).toBe(Number(text));
});

it.each(['.', '-', '1.2.3', '1-2', '0x10', '1e', 'e5', '1,5', '12a', '1_000', '٣', '--1', '+'])(
  'takes %j for text',
  (text) => {
    expect(numberOfText(text)).toBeUndefined();
  },
);
