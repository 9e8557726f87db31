import { expect, test } from '@jest/globals';
import { readProfile } from './profile.js';

const run = (ts: number, dur: number) => ({ cat: 'Session', name: 'model_run', ts, dur });
const kernel = (op: string, ts: number, dur: number) => ({
  cat: 'Node',
  name: `layer.0.${op}_kernel_time`,
  ts,
  dur,
  args: { op_name: op, provider: 'CPUExecutionProvider' },
});

test('sums kernels by operator over the runs that count', () => {
  const events = [
    { cat: 'Session', name: 'model_loading_from_saved_file', ts: 0, dur: 9 },
    kernel('Gemm', 101, 5000),
    run(100, 9000),
    kernel('Gemm', 10_001, 1000),
    kernel('Gemm', 11_001, 3000),
    kernel('Add', 14_001, 500),
    { cat: 'Node', name: 'layer.0.Gemm_fence_before', ts: 10_000, dur: 7 },
    run(10_000, 5000),
    kernel('Gemm', 20_001, 2000),
    kernel('Add', 22_001, 1500),
    run(20_000, 4000),
  ];
  expect(readProfile(JSON.stringify(events), 1)).toEqual({
    operators: [
      { operator: 'Gemm', calls: 1.5, milliseconds: 3 },
      { operator: 'Add', calls: 1, milliseconds: 1 },
    ],
    milliseconds: 4.5,
  });
});
