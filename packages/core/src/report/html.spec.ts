import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parse, type DefaultTreeAdapterTypes, type ParserError } from 'parse5';
import { everyKindReport } from './every-kind.fixture.js';
import { renderReport } from './html.js';
import { html, toText } from './markup.js';
import { markedText } from './page/marked-text.js';
import { sampleReport } from './sample-report.fixture.js';
import type { RunReport } from './schema.js';
import { summarise } from './summary.js';

type Element = DefaultTreeAdapterTypes.Element;
type Node = DefaultTreeAdapterTypes.Node;

/** Parses as strictly as the standard can: any error of the page is an error here. */
function elementsOf(page: string): Element[] {
  const errors: ParserError[] = [];
  const document = parse(page, { onParseError: (error) => errors.push(error), sourceCodeLocationInfo: true });
  expect(errors).toEqual([]);
  const collect = (node: Node): Element[] => {
    const inner = 'childNodes' in node ? node.childNodes.flatMap(collect) : [];
    return 'tagName' in node ? [node, ...inner] : inner;
  };
  return collect(document);
}

const attribute = (element: Element, name: string) => element.attrs.find((attr) => attr.name === name)?.value;
const textOf = (node: Node): string =>
  'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';

/** What data may hold: markup, quotes, entities, controls, half a surrogate pair, a right-to-left override, backticks. */
const hostile = `</script></title><img src=x onerror="alert('1')">&amp;"'\u0000\u001b\ud800\u202e\`\`|{{x}}$\{y}`;

/** Replaces every text of a report that may come from data or from a person. */
function hostileReport(): RunReport {
  const report = sampleReport({ seeds: 2 });
  const labels = (task: RunReport['tasks'][number]) => task.labels.map((label) => `${hostile} ${label}`);
  return {
    ...report,
    run: { ...report.run, name: hostile, vertical: hostile, command: hostile, options: { [hostile]: hostile } },
    base: { ...report.base, id: hostile },
    environment: { ...report.environment, packages: { [hostile]: hostile } },
    warnings: [hostile],
    profileNotes: [hostile],
    nextSteps: [hostile],
    licences: [{ name: hostile, of: hostile, commercial: 'unknown' }],
    tasks: report.tasks.map((task) => ({
      ...task,
      name: hostile,
      labels: labels(task),
      mainMetric: hostile,
      summary: { [hostile]: { mean: 0.5, n: 1 } },
      intervalRule: hostile,
      baselines: [{ name: hostile, metrics: { [hostile]: 0.5 } }],
      beats: { [hostile]: false },
      notBeaten: hostile,
      data: { ...task.data, dataset: hostile, source: hostile, splitRule: hostile, notes: [hostile], origin: hostile },
      seeds: task.seeds.map((seed) =>
        seed.test === undefined
          ? seed
          : {
              ...seed,
              test: {
                ...seed.test,
                perLabel: seed.test.perLabel.map((row) => ({ ...row, label: `${hostile} ${row.label}` })),
              },
            },
      ),
      errors: (task.errors ?? []).map((error) => ({ ...error, id: hostile, text: hostile, gold: [hostile] })),
    })),
  };
}

describe('the report as a page', () => {
  const pages = {
    'three seeds': sampleReport(),
    'one seed': sampleReport({ seeds: 1 }),
    'a partial run': sampleReport({ finished: false }),
    'hostile texts': hostileReport(),
  };

  test.each(Object.entries(pages))('of %s is well-formed and fetches nothing', (_, report) => {
    const elements = elementsOf(renderReport(report));
    const fetching = ['img', 'link', 'iframe', 'object', 'embed', 'base', 'form', 'use', 'image', 'audio', 'video'];
    const suspicious = elements.filter(
      ({ tagName, attrs }) =>
        fetching.includes(tagName) ||
        attrs.some(
          ({ name, value }) => /^on|^style$|src/.test(name) || (name.endsWith('href') && !value.startsWith('#')),
        ),
    );
    expect(suspicious).toEqual([]);
    expect(elements.filter((element) => element.tagName === 'script')).toHaveLength(1);
    const ids = elements.flatMap((element) => attribute(element, 'id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = elements.flatMap((element) => attribute(element, 'href')?.slice(1) ?? []);
    for (const target of targets) expect(ids).toContain(target);
  });

  test.each(Object.entries(pages))('of %s draws with finite numbers inside the picture', (_, report) => {
    const elements = elementsOf(renderReport(report));
    const places = ['x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'r', 'width', 'height', 'rx'];
    const drawn = elements.filter((element) =>
      ['line', 'rect', 'circle', 'text', 'polyline'].includes(element.tagName),
    );
    expect(drawn.length).toBeGreaterThan(50);
    const inside = (value: string) =>
      /^\d+(\.\d+)?%?$/.test(value) && parseFloat(value) <= (value.endsWith('%') ? 100 : 400);
    const wrong = drawn
      .flatMap((element) => element.attrs)
      .filter(({ name, value }) =>
        name === 'points' ? !/^(\d+(\.\d+)?,\d+(\.\d+)?( |$))+$/.test(value) : places.includes(name) && !inside(value),
      );
    expect(wrong).toEqual([]);
  });

  test('allows only its own style and script, by hash', () => {
    const elements = elementsOf(renderReport(sampleReport()));
    const policy = elements.flatMap((element) =>
      attribute(element, 'http-equiv') === 'Content-Security-Policy' ? (attribute(element, 'content') ?? '') : [],
    )[0];
    expect(policy).toContain("default-src 'none'");
    for (const name of ['style', 'script']) {
      const text = textOf(elements.find((element) => element.tagName === name)!);
      expect(policy).toContain(`${name}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    }
  });

  test('shows hostile texts as texts', () => {
    const elements = elementsOf(renderReport(hostileReport()));
    const shown = textOf(elements.find((element) => element.tagName === 'main')!);
    expect(shown).toContain(`</script></title><img src=x onerror="alert('1')">&amp;"'`);
    // eslint-disable-next-line no-control-regex -- none may be left
    expect(shown).not.toMatch(/[\u0000\u001b]/);
  });

  test('can be read with a screen reader: headers with scopes, captions, titles on pictures', () => {
    const elements = elementsOf(renderReport(sampleReport()));
    const tables = elements.filter((element) => element.tagName === 'table');
    expect(tables.length).toBeGreaterThan(10);
    for (const table of tables) {
      expect(table.childNodes.some((child) => child.nodeName === 'caption' && textOf(child).trim() !== '')).toBe(true);
    }
    for (const head of elements.filter((element) => element.tagName === 'th')) {
      expect(attribute(head, 'scope')).toMatch(/^(row|col)$/);
      expect(textOf(head).trim()).not.toBe('');
    }
    for (const svg of elements.filter((element) => element.tagName === 'svg')) {
      const named = attribute(svg, 'role') === 'img' && (attribute(svg, 'aria-label') ?? '') !== '';
      expect(named || attribute(svg, 'aria-hidden') === 'true').toBe(true);
    }
    expect(elements.filter((element) => element.tagName === 'h1')).toHaveLength(1);
  });

  test('says what matters first: scores with intervals, baselines, and what was not beaten', () => {
    const header = elementsOf(renderReport(sampleReport())).find((element) => element.tagName === 'header')!;
    const text = textOf(header).replace(/\s+/g, ' ');
    expect(text).toContain('sentence-transformers/all-MiniLM-L6-v2 (22.7 M parameters)');
    expect(text).toMatch(/macro F1, 95 % interval 0\.\d{3}–0\.\d{3}/);
    expect(text).toMatch(/ensemble of 3 ?0\.\d{3}/);
    expect(text).toContain('does not beat TF-IDF');
    expect(text).toContain('beats both baselines');
    expect(textOf(elementsOf(renderReport(sampleReport({ finished: false })))[0]!)).toContain('stopped before its end');
  });

  test('lists the most confused pairs where a matrix would be too large', () => {
    const report = sampleReport({ seeds: 1 });
    const task = report.tasks.at(-1)!;
    task.labels = Array.from({ length: 20 }, (_, i) => `class ${i}`);
    task.seeds[0]!.test!.confusion = task.labels.map((_, i) =>
      task.labels.map((_, j) => (i === j ? 9 : i === 3 && j === 4 ? 7 : 0)),
    );
    const text = renderReport(report);
    expect(text).toContain('The most confused pairs among 20 labels');
    expect(text).not.toContain('class="matrix"');
    expect(text).toMatch(/class 3<\/th>\s*<td>class 4<\/td>\s*<td\s+class="number"\s+data-value="7">7<\/td>/);
  });
});

describe('markup', () => {
  test('escapes texts, keeps markup, and refuses numbers that are none', () => {
    expect(toText(html`<a title="${'"<>&\''}">${html`<b>${'<i>'}</b>`}${undefined}${false}${[1 / 3, -0]}</a>`)).toBe(
      '<a title="&quot;&lt;&gt;&amp;&#39;"><b>&lt;i&gt;</b>0.330</a>',
    );
    expect(() => html`${NaN}`).toThrow(expect.objectContaining({ code: 'FC_INTERNAL' }));
  });

  test('marks stretches that cross and lie within each other, and names each once, at its end', () => {
    const text = toText(
      markedText('one <two> three', [
        { start: 4, end: 9, label: 'B', kind: 'true' },
        { start: 5, end: 15, label: 'A', kind: 'predicted' },
        { start: 0, end: 3, kind: 'evidence' },
        { start: 8, end: 99, label: 'outside', kind: 'given' },
      ]),
    );
    const [evidence, outer, both, rest] = [...text.matchAll(/<mark class="([^"]*)">([^<]*)<\/mark>/g)];
    expect([evidence, outer, both, rest].map((match) => match?.slice(1))).toEqual([
      ['evidence', 'one'],
      ['true', '&lt;'],
      ['true predicted', 'two&gt;'],
      ['predicted', ' three'],
    ]);
    const shown = text.replace(/<span class="hidden">[^<]*<\/span>/g, '').replace(/<\/?[a-z][^>]*>/g, '');
    expect(shown).toBe('one &lt;two&gt; B three A');
  });
});

test('where tasks were trained alone too, the page and the summary say where sharing helps and where it hurts', () => {
  const report = sampleReport({ seeds: 2 });
  const rows = elementsOf(renderReport(report))
    .filter(({ tagName }) => tagName === 'tr')
    .map(textOf);
  const verdicts = rows.flatMap((row) => /sharing helps|sharing hurts|no difference shown/.exec(row) ?? []);
  expect(verdicts).toEqual([
    'sharing helps',
    'sharing hurts',
    ...report.tasks.slice(2).map(() => 'no difference shown'),
  ]);
  const [note] = summarise(report).notes.filter((one) => one.includes('alone'));
  expect(note).toMatch(
    /^Sharing helps unfair-terms \(\+0\.031\); sharing hurts clause-kinds \([−-]0\.012\); no difference shown on /,
  );
  expect(renderReport(sampleReport({ seeds: 1 }))).not.toContain('Where sharing helps');
});

test.each([
  ['similarity', /The predictions on the test part that are farthest from the truth/, /wrong predictions/],
  [
    'joint-extraction',
    /missed\s+rhenium \[material\]\s+rhenium — raises → creep strength\s+wrongly predicted\s+nothing/,
    /no label/,
  ],
] as const)('the errors of %s are told as what they are', (kind, said, unsaid) => {
  const report = everyKindReport();
  const tasks = report.tasks.filter((task) => task.kind === kind);
  expect(tasks).toHaveLength(1);
  const [root] = elementsOf(renderReport({ ...report, tasks }));
  expect(textOf(root!)).toMatch(said);
  expect(textOf(root!)).not.toMatch(unsaid);
});

test('the stages before the tasks are drawn in their order, with what held-out text says before and after', () => {
  const page = renderReport(sampleReport());
  const section = elementsOf(page).find((element) => attribute(element, 'id') === 'curriculum');
  const said = textOf(section as Node).replace(/\s+/g, ' ');
  expect(said).toContain(
    'The encoder went through 2 stages before the tasks were learnt, which took 8 min 15 s, part of it in an earlier run.',
  );
  // Losses of 4.9 and 2.8 nats.
  expect(said).toMatch(/held-out text of these corpora\s*134\s*16\.4/);
  expect(said).toMatch(/trec-qc\s*macro F1\s*0\.801\s*0\.774/);
  expect(said).toMatch(/contracts-unlabelled\s*151\s*9\s*412/);
  expect(said).toMatch(/7,000 examples of contract-nli were learnt in 876 updates.*12 more were left out.*0\.694/);
  const { curriculum: _, ...without } = sampleReport();
  expect(renderReport(without)).not.toContain('id="curriculum"');
});

test('attacks stand by set, with texts that turned an answer and what stood in the place of their words', () => {
  const page = renderReport(sampleReport());
  for (const part of ['Under attack', 'Success of attacks under strict constraints', 'OCR noise', '60.0 %'])
    expect(page).toContain(part);
  expect(page).toMatch(/<mark class="changed">govemed<\/mark><span class="kind changed">.*> governed<\/span>/);
  expect(page).toContain('&lt;b&gt;the&lt;/b&gt;');
});
