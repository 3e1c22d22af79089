/** A report that was asked for, from the request to its end. */
import type { EditionNamed } from './manifest.ts'

export const jobStates = ['queued', 'running', 'done', 'held', 'failed'] as const

export type JobState = (typeof jobStates)[number]

export type JobRequest = EditionNamed & {
  /** ISO instant in UTC. */
  readonly asOf?: string
  readonly deliver: boolean
}

export type Job = {
  readonly id: string
  readonly state: JobState
  readonly request: JobRequest
  readonly askedBy: string
  readonly askedAt: string
  /** Of the last change. */
  readonly at: string
  /** The version, once done or held. */
  readonly version?: number
  /** Why it is held or failed; a reader is told {@link reasonTold}. */
  readonly reason?: string
}

/** A state that nothing follows. */
export const isOver = ({ state }: Job): boolean => state === 'done' || state === 'held' || state === 'failed'

/** In quotes, a path may have spaces; without, whatever follows it and has a slash is taken for more of it. */
const places = [
  / \(its files lie beside .*\)$/s,
  /\barn:[\w-]*:[^\s"'`,;)\]]*/g,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`,;)\]]*/gi,
  /(?<=["'`])(?:~|\.{1,2})?\/[^"'`]+/g,
  /(?<![\w.<-])(?:~|\.{1,2})?\/[\w.@%+~-][^\s"'`,;)\]]*(?: [^\s"'`,;)\]]*\/[^\s"'`,;)\]]*)*/g,
  /(?:\b[A-Za-z]:|\\)\\[^"'`,;)\]\n]*/g,
] as const

/** A reason as readers are told it: without ARNs, addresses and paths, which are the operators' business. */
export const reasonTold = (reason: string): string =>
  places.reduce((text, place, at) => text.replace(place, at === 0 ? '' : '…'), reason)
