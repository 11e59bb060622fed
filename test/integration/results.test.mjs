// results - bench/results.md when a part of the benchmark runs alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factTable, withSection } from '../../bench/results.mjs';

const titles = (text) => [...text.matchAll(/^## (.*)$/gm)].map((m) => m[1]);

test('a section takes its own place and leaves the others as they are', () => {
	let text = withSection('', 'Directory', 'old pages\n');
	text = withSection(text, 'Requests', '| a | b |\n\nwith a tail');
	text = withSection(text, 'Codes', 'codes');
	assert.match(text, /^# Benchmark\n/);
	assert.deepEqual(titles(text), ['Requests', 'Directory', 'Codes']);
	const again = withSection(text, 'Directory', 'new pages');
	assert.equal(again, text.replace('old pages', 'new pages'));
	assert.equal(withSection(again, 'Codes', 'codes'), again);
	// what somebody else added stays, at the end
	assert.deepEqual(titles(withSection(`${again}\n## By hand\n\nnotes\n`, 'Import', 'rows')), ['Requests', 'Import', 'Directory', 'Codes', 'By hand']);
});

test('a run that does not count judges nothing', () => {
	const facts = [['x', '1', '≤ 2', true], ['y', '3', '≤ 2', false], ['z', '4', '', true]];
	assert.deepEqual(factTable(facts, true).match(/met|missed/g), ['met', 'missed']);
	assert.doesNotMatch(factTable(facts, false), /met|missed/);
});
