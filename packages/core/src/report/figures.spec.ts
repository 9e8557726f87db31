import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linearScale } from './charts/scale.js';
import { formatBytes, formatCompact, formatCount, formatDuration, formatScore } from './numbers.js';
import { sampleReport } from './sample-report.fixture.js';
import { downsampleCurve, meanPerLabel, sumConfusion } from './seeds.js';
import { verdictOf } from './verdict.js';

describe('figures', () => {
  test('read as a person writes them', () => {
    expect([formatScore(0.8234), formatScore(-0.0001), formatScore(1)]).toEqual(['0.823', '0.000', '1.000']);
    expect([0, 8.24, 59.96, 59.9, 754, 3725].map(formatDuration)).toEqual([
      ...['0.0 s', '8.2 s', '1 min 0 s', '60 s'],
      ...['12 min 34 s', '1 h 2 min'],
    ]);
    expect([999, 22_713_216, 1_430_000_000].map(formatCompact)).toEqual(['999', '22.7 M', '1.43 G']);
    expect([512, 1_243_000_000].map(formatBytes)).toEqual(['512 bytes', '1.24 GB']);
    expect(formatCount(1234567)).toBe('1,234,567');
  });

  test('axes hold their values between round ticks', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => Math.fround(x));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), fc.boolean(), (values, whole) => {
        const scale = linearScale(values, { from: 0, to: 100, whole });
        for (const v of values) {
          expect(scale.at(v)).toBeGreaterThanOrEqual(-0.01);
          expect(scale.at(v)).toBeLessThanOrEqual(100.01);
        }
        expect(scale.ticks.length).toBeGreaterThan(1);
        expect(scale.ticks.length).toBeLessThan(12);
        expect(new Set(scale.ticks.map((tick) => scale.label(tick))).size).toBe(scale.ticks.length);
      }),
    );
    const { ticks, label } = linearScale([0.18, 0.83], { from: 0, to: 1 });
    expect(ticks.map(label)).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
  });
});

describe('several seeds', () => {
  const topics = sampleReport().tasks.at(-1)!;

  test('are averaged by label, and their confusions added up', () => {
    const rows = meanPerLabel(topics);
    const f1 = topics.seeds.map((seed) => seed.test!.perLabel[2]!.f1);
    expect(rows[2]!.f1).toBeCloseTo((f1[0]! + f1[1]! + f1[2]!) / 3, 12);
    expect(rows[2]!.range).toEqual([Math.min(...f1), Math.max(...f1)]);
    const { matrix, seeds } = sumConfusion(topics)!;
    expect(seeds).toBe(3);
    expect(matrix.map((row) => row.reduce((a, b) => a + b))).toEqual(rows.map((row) => 3 * row.support));
  });

  test('a long curve keeps its mean and its last step', () => {
    const curve = Array.from({ length: 1200 }, (_, i) => ({ step: i + 1, loss: 1 / (i + 1) }));
    const short = downsampleCurve(curve);
    expect(short).toHaveLength(300);
    expect(short.at(-1)!.step).toBe(1200);
    const mean = (points: typeof curve) => points.reduce((sum, point) => sum + point.loss, 0) / points.length;
    expect(mean(short)).toBeCloseTo(mean(curve), 12);
    expect(downsampleCurve(curve.slice(0, 10))).toEqual(curve.slice(0, 10));
  });

  test('a verdict is honest about intervals', () => {
    expect(sampleReport().tasks.map((task) => verdictOf(task).text)).toEqual([
      'beats both baselines',
      'ahead of TF-IDF, but not clearly',
      'beats both baselines',
      'does not beat TF-IDF',
    ]);
    expect(sampleReport({ finished: false }).tasks.map((task) => verdictOf(task).tone)).toEqual([
      'good',
      'none',
      'none',
      'none',
    ]);
  });
});
