/**
 * Loaded into a process before its program (`--import`): its clock is ahead of the machine's, or set to an instant from
 * which it runs. So a command line's leases end at once, and it runs on any day.
 */
import { pathToFileURL } from 'node:url'

const variable = 'VIGIE_TEST_CLOCK'

/** The environment of a process whose clock is so many milliseconds ahead, or begins at an ISO instant. */
export const clockEnv = (clock: number | string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${pathToFileURL(import.meta.filename).href}`,
  [variable]: String(clock),
})

const setClock = (said: string): void => {
  const RealDate = Date
  const ahead = /^-?\d+$/.test(said) ? Number(said) : RealDate.parse(said) - RealDate.now()
  const now = () => RealDate.now() + ahead
  globalThis.Date = new Proxy(RealDate, {
    construct: (_, given, asked) => Reflect.construct(RealDate, given.length === 0 ? [now()] : given, asked),
    apply: () => new RealDate(now()).toString(),
    get: (real, name) => (name === 'now' ? now : Reflect.get(real, name)),
  })
}

const said = process.env[variable]
if (said !== undefined) setClock(said)
