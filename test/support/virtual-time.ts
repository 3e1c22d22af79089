/**
 * Time for a process that is measured: its own work counts, by the processor; what it waits for the table, or before it
 * asks again, is jumped over and counted as it would be on AWS. Put in place before anything else is loaded.
 */
import childProcess from 'node:child_process'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import promises from 'node:timers/promises'
import { virtualTimeHeader } from './partition-limits.ts'

/** By which a stand-in says how many bytes it read for an answer that does not hold them. */
export const readBytesHeader = 'x-read-bytes'

type VirtualTime = {
  /** Milliseconds, from where it starts. */
  now(): number
  /** Of these, those jumped over in which no answer was under way: pauses before asking again. */
  paused(): number
  /** The same as `now`, had the browser had a processor whenever it wanted one: on a machine with other work. */
  undisturbed(): number
}

type VirtualTimeOptions = {
  /** Where the table is asked, as host and port: what is asked there takes virtual time alone. */
  readonly host: string
  /** Milliseconds from a request to its answer, and for each MB in the answer. */
  readonly answerMs: number
  readonly megabyteMs: number
  /** How many times as long the work takes on a whole processor there as on one here. */
  readonly slower: number
  /** Processors there: a part of one, or several. */
  readonly processors: number
  /** Virtual seconds. */
  readonly startsAt: number
}

/** The SDK's longest pause between two tries is 20 s. What waits for longer is a guard, which is never jumped to. */
const maxWaitMs = 21_000

type Event = { due: number; readonly run: () => void; readonly guard: boolean; readonly answer: boolean }

export const putInPlace = ({
  host,
  answerMs,
  megabyteMs,
  slower,
  processors,
  startsAt,
}: VirtualTimeOptions): VirtualTime => {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setImmediate: globalThis.setImmediate,
    request: http.request,
    spawn: childProcess.spawn,
  }
  let jumped = startsAt * 1_000
  let paused = 0
  let children = 0
  let asking = 0
  const events = new Set<Event>()

  // While a browser works, this process only waits: then the wall's clock counts.
  const worked = { ...usedHere(), browser: 0, wall: performance.now(), ms: 0, undisturbed: 0 }
  const now = (): number => {
    const { all, own } = usedHere()
    const wall = performance.now()
    const browser = children > 0 ? Math.max(worked.browser, usedBelow(process.pid)) : worked.browser
    // One thread has one processor at the most; all of them share what there is.
    const used = Math.max((own - worked.own) / Math.min(1, processors), (all - worked.all) / processors)
    worked.ms += slower * (children > 0 ? wall - worked.wall : used)
    worked.undisturbed += slower * (used + (browser - worked.browser) / Math.min(1, processors))
    Object.assign(worked, { all, own, browser, wall })
    return worked.ms + jumped
  }

  let looking = false
  let alarm: NodeJS.Timeout | undefined
  const next = (): Event | undefined => {
    let first: Event | undefined
    for (const event of events) if (!event.guard && (!first || event.due < first.due)) first = event
    return first
  }
  const fire = (event: Event): void => {
    events.delete(event)
    event.run()
  }
  /** Runs what is due; where nothing else is going on, what is due next. */
  const look = async (): Promise<void> => {
    if (looking) return
    looking = true
    real.clearTimeout(alarm)
    for (;;) {
      // Whatever is ready runs before time passes.
      for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => real.setImmediate(done))
      const at = now()
      const due = [...events].filter((event) => event.due <= at).sort((a, b) => a.due - b.due)
      for (const event of due) if (events.has(event)) fire(event)
      if (due.length > 0) continue
      if (asking > 0) break
      const event = next()
      if (!event || children > 0) break
      jumped += event.due - at
      if (![...events].some(({ answer }) => answer)) paused += event.due - at
      fire(event)
    }
    looking = false
    const soonest = Math.min(...[...events].map(({ due }) => due))
    if (asking === 0 && soonest < Number.POSITIVE_INFINITY) {
      alarm = real.setTimeout(look, Math.min(1_000, Math.max(1, (soonest - now()) / slower)))
    }
  }
  const schedule = (run: () => void, ms: number, answer = false): Event => {
    const event: Event = { due: now() + ms, run, guard: ms > maxWaitMs, answer }
    events.add(event)
    void look()
    return event
  }

  class Timer {
    event: Event | undefined
    readonly #ms: number
    readonly #run: () => void
    constructor(run: () => void, ms: number) {
      this.#ms = ms
      this.#run = run
      this.event = schedule(run, ms)
    }
    ref = () => this
    unref = () => this
    hasRef = () => true
    refresh = () => {
      this.close()
      this.event = schedule(this.#run, this.#ms)
      return this
    }
    close = () => {
      if (this.event) events.delete(this.event)
      return this
    };
    [Symbol.dispose] = () => void this.close()
  }
  const setVirtual = (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => {
    return new Timer(() => run(...given), Number(ms) || 0)
  }
  const clearVirtual = (timer: unknown): void => {
    if (timer instanceof Timer) timer.close()
    else real.clearTimeout(timer as NodeJS.Timeout)
  }
  const pause = <Value>(ms = 0, value?: Value, { signal }: { signal?: AbortSignal } = {}): Promise<Value | undefined> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = new Timer(() => resolve(value), ms)
      signal?.addEventListener('abort', () => {
        timer.close()
        reject(signal.reason)
      })
    })

  const request = (options: http.RequestOptions, answered: (response: http.IncomingMessage) => void) => {
    const isTable = `${options.host ?? options.hostname}:${options.port}` === host
    const sentAt = now()
    const headers = { ...(options.headers as http.OutgoingHttpHeaders), [virtualTimeHeader]: sentAt.toFixed(3) }
    asking += 1
    let over = false
    const end = () => {
      if (!over) asking -= 1
      over = true
      void look()
    }
    const asked = real.request(isTable ? { ...options, headers } : options, (response) => {
      if (!isTable) {
        end()
        answered(response)
        return
      }
      // The whole answer is here before its time has come.
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const sent = chunks.reduce((sum, { length }) => sum + length, 0)
        const size = Math.max(sent, Number(response.headers[readBytesHeader] ?? 0))
        const takes = answerMs + (megabyteMs * size) / 2 ** 20
        schedule(() => answered(replayed(response, chunks)), Math.max(0, sentAt + takes - now()), true)
        end()
      })
      response.on('error', end)
    })
    asked.on('error', end)
    asked.on('close', end)
    return asked
  }

  const spawn = (...given: Parameters<typeof real.spawn>) => {
    const child = real.spawn(...given)
    now()
    children += 1
    child.once('exit', () => {
      now()
      children -= 1
      void look()
    })
    return child
  }

  Object.assign(globalThis, { setTimeout: setVirtual, clearTimeout: clearVirtual })
  Object.assign(timers, { setTimeout: setVirtual, clearTimeout: clearVirtual })
  Object.assign(promises, { setTimeout: pause })
  Object.assign(http, { request })
  Object.assign(childProcess, { spawn })
  syncBuiltinESMExports()
  return {
    now,
    paused: () => paused,
    undisturbed: () => {
      now()
      return worked.undisturbed + jumped
    },
  }
}

/** Milliseconds of the processor that this process has taken, and its main thread of these. */
const usedHere = (): { readonly all: number; readonly own: number } => {
  const [all, own] = [process.cpuUsage(), process.threadCpuUsage()]
  return { all: (all.user + all.system) / 1_000, own: (own.user + own.system) / 1_000 }
}

/** Of the processes that a process has started, and of theirs; 0 where the system does not show it. */
const usedBelow = (pid: number): number => {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    return children.reduce((sum, child) => sum + usedBy(child) + usedBelow(child), 0)
  } catch {
    return 0
  }
}

/** User and system time, its ended children's too, in hundredths of a second: fields 14 to 17 of proc(5). */
const usedBy = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return 10 * fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0)
}

/** A response that is read already, as a stream that begins anew. */
const replayed = (response: http.IncomingMessage, chunks: readonly Buffer[]): http.IncomingMessage => {
  const again = new http.IncomingMessage(response.socket)
  const { statusCode, statusMessage, headers, rawHeaders } = response
  Object.assign(again, { statusCode, statusMessage, headers, rawHeaders, complete: true })
  for (const chunk of chunks) again.push(chunk)
  again.push(null)
  return again
}
