import { describe, expect, it } from 'vitest';
import { candidatesAmong, freshSeed } from './candidates';

describe('candidates', () => {
  it('are distinct machines in order, and the same for the same seed', () => {
    const drawn = candidatesAmong(1000, 40, 'a', 'test');
    expect(drawn).toHaveLength(40);
    expect([...new Set(drawn)].sort((a, b) => a - b)).toEqual([...drawn]);
    expect(drawn[0]).toBeGreaterThanOrEqual(0);
    expect(drawn[39]).toBeLessThan(1000);
    expect(candidatesAmong(1000, 40, 'a', 'test')).toEqual(drawn);
    expect(candidatesAmong(1000, 40, 'b', 'test')).not.toEqual(drawn);
    expect(candidatesAmong(1000, 40, 'a', 'another test')).not.toEqual(drawn);
  });

  it('are all machines if there are no more', () => {
    expect([...candidatesAmong(4, 40, 1, 'test')]).toEqual([0, 1, 2, 3]);
  });

  it('are drawn alike: each of 10 is one of 3 in about three tenths of 3000 draws', () => {
    const counts = new Array(10).fill(0);
    for (let seed = 0; seed < 3000; seed++) for (const i of candidatesAmong(10, 3, seed, 'test')) counts[i]++;
    for (const count of counts) expect(Math.abs(count - 900)).toBeLessThan(4 * Math.sqrt(3000 * 0.3 * 0.7));
  });
});

describe('a fresh seed', () => {
  it('is another each time', () => {
    expect(freshSeed()).toMatch(/^[0-9a-f]{12}$/);
    expect(freshSeed()).not.toBe(freshSeed());
  });
});
