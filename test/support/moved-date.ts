/** Loaded into the process of a deployed function before its bundle: its `Date` reads the clock of tests. */
import { testClockVariable } from '../../lambdas/config/clock.ts'

const RealDate = Date
const moved = Number(process.env[testClockVariable] ?? 0)
const now = () => RealDate.now() + moved
globalThis.Date = new Proxy(RealDate, {
  construct: (_, given, asked) => Reflect.construct(RealDate, given.length === 0 ? [now()] : given, asked),
  apply: () => new RealDate(now()).toString(),
  get: (real, name) => (name === 'now' ? now : Reflect.get(real, name)),
})
