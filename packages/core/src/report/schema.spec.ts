import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeReportSchema } from './describe-schema.js';
import { loadReport, saveReport } from './report-file.js';
import { sampleReport } from './sample-report.fixture.js';
import { runReportSchema } from './schema.js';

const documentation = join(import.meta.dirname, '../../../../docs/report-schema.md');

describe('the report’s schema', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'report-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([{ seeds: 1 }, { seeds: 3 }, { finished: false }])('a report of %j survives the disk', (options) => {
    const report = sampleReport(options);
    saveReport(folder, report);
    const loaded = loadReport(join(folder, 'report.json'));
    expect(loaded).toEqual(JSON.parse(JSON.stringify(report)));
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
  });

  test('an unknown field, a score that is no number and a foreign version are refused with their place', () => {
    const report = sampleReport({ seeds: 1 });
    expect(runReportSchema.safeParse({ ...report, colour: 'red' }).success).toBe(false);
    report.tasks[0]!.summary['macroF1']!.mean = NaN;
    expect(() => saveReport(folder, report)).toThrow(/tasks\.0\.summary\.macroF1\.mean/);
    const path = join(folder, 'other.json');
    writeFileSync(path, JSON.stringify({ ...sampleReport(), schemaVersion: 99 }));
    expect(() => loadReport(path)).toThrow(/schema version 99/);
    writeFileSync(path, '{"run":');
    expect(() => loadReport(path)).toThrow(expect.objectContaining({ code: 'FC_FILE_FORMAT' }));
    expect(() => loadReport(join(folder, 'missing.json'))).toThrow(expect.objectContaining({ code: 'FC_NOT_FOUND' }));
  });

  // Run with UPDATE_DOCS=1 after a change to the schema, and commit what it writes.
  test('docs/report-schema.md is what the schema says', () => {
    const text = describeReportSchema();
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(documentation, text);
    expect(readFileSync(documentation, 'utf8')).toBe(text);
  });

  test('every field of the report is documented with a type', () => {
    const text = describeReportSchema();
    for (const name of ['tasks[].seeds[].test', 'tasks[].falseAlarms', 'tasks[].summary.*', 'environment.engine']) {
      expect(text).toContain(`## \`${name}\``);
    }
    expect(text).not.toMatch(/undefined|\[object|\| +\|$/m);
  });
});
