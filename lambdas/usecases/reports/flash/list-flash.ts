import type { Marking } from '../../../domain/core/marking.ts'
import type { FlashCode } from '../../../domain/core/place/territory.ts'
import { isExpired } from '../../../domain/flash/flash.ts'
import type { Approved, VersionEntry } from '../../../store/reports/reports.ts'
import type { Services } from '../../services.ts'

export type VersionOfNote = VersionEntry & { readonly territory: FlashCode }

export const newestOfNote = async (
  code: FlashCode,
  { reports }: Pick<Services, 'reports'>,
): Promise<readonly VersionOfNote[]> => {
  const newest = new Map<Marking, VersionOfNote>()
  for await (const entry of reports.all({ territory: code })) {
    if (entry.state === 'published' && !entry.recalled) newest.set(entry.cap, entry as VersionOfNote)
  }
  return [...newest.values()]
}

/** `waits` for approval; `approved` and mailed; `expired`, not mailed any more. */
type FlashState = 'waits' | 'approved' | 'expired'

export type FlashListed = {
  readonly key: FlashCode
  readonly period: string
  readonly cap: Marking
  readonly marking: Marking
  readonly version: number
  readonly asOf: string
  readonly ids: readonly string[]
  readonly until: string
  readonly state: FlashState
  readonly approved?: Approved
}

/** Newest first. */
export const listFlash = async (services: Pick<Services, 'reports' | 'clock'>): Promise<readonly FlashListed[]> => {
  const now = services.clock().toISOString()
  const codes = await services.reports.flashes()
  const listed = await Promise.all(codes.map((code) => newestOfNote(code, services)))
  return listed
    .flat()
    .flatMap(({ territory, period, cap, version, asOf, published, approved }): readonly FlashListed[] => {
      const { marking, flash } = published ?? {}
      if (!flash || !marking) return []
      const state = isExpired(flash, now) ? 'expired' : approved ? 'approved' : 'waits'
      return [
        {
          key: territory,
          period,
          cap,
          marking,
          version,
          asOf,
          ...flash,
          state,
          ...(approved && { approved }),
        },
      ]
    })
    .sort((one, other) => (one.asOf > other.asOf ? -1 : 1))
}
