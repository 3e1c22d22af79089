/** A report that was asked for, from the request to its end. */
import type { Reason } from '../core/fault.ts'
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
  /** Why it is held or failed, as readers may know it. */
  readonly reason?: Reason
}

/** A state that nothing follows. */
export const isOver = ({ state }: Job): boolean => state === 'done' || state === 'held' || state === 'failed'
