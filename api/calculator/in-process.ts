import type { Pool } from '../../db/platform/pool.ts';
import { type Calculator, calculate, calculatorBy } from './calculations.ts';

/** Creates a calculator that uses the event loop of this process. It suits few requests at a time. */
export function createCalculator(reads: Pool): Calculator {
  return calculatorBy((task) => calculate(reads, task));
}
