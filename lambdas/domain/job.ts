/** A report that somebody asked for, from the asking to its end. */
import type { Marking } from './marking.ts'
import type { TerritoryCode } from './territory.ts'

export const jobStates = ['queued', 'running', 'done', 'held', 'failed'] as const

export type JobState = (typeof jobStates)[number]

export type JobRequest = {
  readonly territory: TerritoryCode
  readonly period: string
  readonly cap: Marking
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
  /** Why it is held or failed. */
  readonly reason?: string
}

/** A state that nothing follows. */
export const isOver = ({ state }: Job): boolean => state === 'done' || state === 'held' || state === 'failed'
