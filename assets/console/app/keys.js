// keys - shortcuts; what they open is fetched when it is first used.

import { toast } from './ui.js';

let isOpen = false;

// What is typed before its field is there, is kept and goes into it.
export async function openPalette() {
	if (isOpen) return;
	isOpen = true;
	let text = '';
	const keep = (e) => {
		// Ctrl and Alt together are AltGr
		if (e.metaKey || e.ctrlKey !== e.altKey) return;
		if ([...e.key].length === 1) text += e.key;
		else if (e.key === 'Backspace') text = text.slice(0, -1);
		else if (e.key !== 'Enter') return;
		e.preventDefault();
		e.stopImmediatePropagation();
	};
	const end = () => {
		removeEventListener('keydown', keep, true);
		return text;
	};
	addEventListener('keydown', keep, true);
	try {
		await (await import('./palette.js')).openPalette(end);
	} catch {
		toast('The search could not be loaded. Try again, or load the page again.', { tone: 'bad' });
	} finally {
		end();
		isOpen = false;
	}
}

export const openShortcuts = async () => (await import('./palette.js')).openShortcuts();

// Single keys can be in the way of speech input (WCAG 2.1.4).
const KEY = 'single-keys';
export const singleKeys = () => localStorage.getItem(KEY) !== 'off';

export const setSingleKeys = (on) => localStorage.setItem(KEY, on ? 'on' : 'off');

addEventListener('keydown', (e) => {
	if (e.key.toLowerCase() === 'k' && (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey) {
		e.preventDefault();
		openPalette();
		return;
	}
	if (e.ctrlKey || e.metaKey || e.altKey || !singleKeys() || document.querySelector('dialog[open]')) return;
	if (e.target.closest?.('input, textarea, select, [contenteditable]')) return;
	if (e.key === '/') {
		const box = document.querySelector('[data-search]');
		if (!box) return;
		e.preventDefault();
		box.focus();
		box.select();
	} else if (e.key === '?') {
		e.preventDefault();
		openShortcuts();
	}
});
