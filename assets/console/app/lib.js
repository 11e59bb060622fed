// lib - preact with htm, and the two small things that preact lacks here:
// values that several parts of the page watch, and ids for labels.

import { useLayoutEffect, useReducer, useRef } from '../vendor/htm-preact.js';

// Effects run with the drawing, never after it: preact's useEffect waits for a
// frame, up to 100 ms in a busy tab, and a key pressed in between would go to
// what had the focus before.
export {
	Component, createContext, h, html, render, useCallback, useContext, useLayoutEffect,
	useMemo, useReducer, useRef, useState,
} from '../vendor/htm-preact.js';

// A value with watchers: s.value, s.set(v), s.watch(fn) -> stop().
export function store(value) {
	const watchers = new Set();
	return {
		get value() { return value; },
		set(v) {
			value = v;
			for (const fn of [...watchers]) fn();
		},
		watch(fn) {
			watchers.add(fn);
			return () => watchers.delete(fn);
		},
	};
}

// The store's value; the component is drawn again when it changes.
export function useStore(s) {
	const [, redraw] = useReducer((n) => n + 1, 0);
	useLayoutEffect(() => s.watch(redraw), [s]);
	return s.value;
}

let ids = 0;
// An id of this component, the same at every drawing.
export function useId(prefix = 'f') {
	const id = useRef(null);
	id.current ??= `${prefix}${++ids}`;
	return id.current;
}

// "a b" of what is not false.
export const cls = (...names) => names.filter(Boolean).join(' ') || undefined;
