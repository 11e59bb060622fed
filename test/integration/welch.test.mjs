// The statistics of bench/timing.mjs, against published values.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, describe, twoSided } from '../../bench/welch.mjs';

const near = (a, b, by) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

test('two-sided p of Student\'s distribution, as in printed tables', () => {
	for (const [t, df, p] of [[12.7062, 1, 0.05], [2.2281, 10, 0.05], [3.1693, 10, 0.01], [2.0423, 30, 0.05], [1.95996, 1e6, 0.05], [3.2905, 1e6, 0.001]])
		near(twoSided(t, df), p, p * 1e-3);
	assert.equal(twoSided(0, 7), 1);
});

// Expected: the formulas and Simpson's rule over the density, in Python.
test('t and degrees of freedom', () => {
	const a = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4];
	const b = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.0, 23.9];
	const r = compare(a, b);
	near(r.t, -2.835264, 1e-6);
	near(r.df, 27.713626, 1e-6);
	near(r.p, 0.00845273, 1e-8);
});

test('a difference is found, and equals are equal', () => {
	// A fixed sequence of numbers that look random (Lehmer).
	let x = 42;
	const next = () => { x = x * 48271 % 2147483647; return x / 2147483647; };
	const noise = () => next() + next() + next() + next();
	const some = (shift) => Array.from({ length: 5_000 }, () => 30 + shift + noise());
	assert.ok(Math.abs(compare(some(0), some(0)).t) < 3.72);
	assert.ok(Math.abs(compare(some(0), some(0.1)).t) > 3.72);
	assert.ok(Math.abs(compare(some(0), some(0.1), 0.05).t) > 3.72);
	assert.equal(describe([1, 2, 3, 4]).median, 3);
});
