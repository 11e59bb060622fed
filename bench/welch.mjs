// welch - the statistics of bench/timing.mjs.  Pure.

export function describe(xs) {
	const n = xs.length;
	const mean = xs.reduce((a, b) => a + b, 0) / n;
	const variance = xs.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1);
	const sorted = [...xs].sort((a, b) => a - b);
	const at = (q) => sorted[Math.min(n - 1, Math.floor(q * n))];
	return { n, mean, variance, sd: Math.sqrt(variance), median: at(0.5), p95: at(0.95), p99: at(0.99) };
}

// Both classes lose what is slower than the pooled quantile 1 - |cut|, so that
// the same threshold counts for both.
function trimmed(a, b, cut) {
	const all = [...a, ...b].sort((x, y) => x - y);
	const max = all[Math.min(all.length - 1, Math.floor((1 - cut) * all.length))];
	return [a.filter((x) => x <= max), b.filter((x) => x <= max)];
}

// Welch's t for different variances; |p| two-sided.
export function compare(a, b, cut = 0) {
	const [x, y] = (cut > 0 ? trimmed(a, b, cut) : [a, b]).map(describe);
	const vx = x.variance / x.n;
	const vy = y.variance / y.n;
	const t = (x.mean - y.mean) / Math.sqrt(vx + vy);
	const df = (vx + vy) ** 2 / (vx ** 2 / (x.n - 1) + vy ** 2 / (y.n - 1));
	return { difference: x.mean - y.mean, t, df, p: twoSided(Math.abs(t), df) };
}

// P(|T| > t) of Student's distribution: the regularised incomplete beta
// function I_{df/(df+t^2)}(df/2, 1/2).
export function twoSided(t, df) {
	return betaI(df / (df + t * t), df / 2, 0.5);
}

function betaI(x, a, b) {
	if (x <= 0) return 0;
	if (x >= 1) return 1;
	const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
	return x < (a + 1) / (a + b + 2) ? front * fraction(x, a, b) / a : 1 - front * fraction(1 - x, b, a) / b;
}

// Lentz's method for the continued fraction (DLMF 8.17.22).
function fraction(x, a, b) {
	const tiny = 1e-300;
	let c = 1;
	let d = 1 / (1 - (a + b) * x / (a + 1) || tiny);
	let h = d;
	for (let m = 1; m < 10_000; m++) {
		for (const n of [m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))]) {
			d = 1 / (1 + n * d || tiny);
			c = 1 + n / c || tiny;
			h *= c * d;
		}
		if (Math.abs(c * d - 1) < 1e-12) return h;
	}
	return h;
}

// Stirling's series (DLMF 5.11.1) after shifting the argument over 10.
function logGamma(x) {
	let shift = 0;
	let z = x;
	for (; z < 10; z++) shift -= Math.log(z);
	const r = 1 / (z * z);
	return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI)
		+ (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / z;
}
