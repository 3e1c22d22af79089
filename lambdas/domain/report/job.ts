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
  readonly at: string
  /** Set once done or held. */
  readonly version?: number
  /** Why it is held or failed, as readers may know it. */
  readonly reason?: Reason
}

export const isOver = ({ state }: Job): boolean => state === 'done' || state === 'held' || state === 'failed'
