/** Decides on contested records one after the other, and collects what fails. */
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'
import { decideContested } from '../../lambdas/usecases/ingest/edit/waiting-records.ts'
import type { Services } from '../../lambdas/usecases/services.ts'

type Asked = Parameters<typeof decideContested>[1] & {
  /** Of their detections; without any, all. */
  readonly ids?: readonly string[]
  readonly batch?: string
}

export const decideAll = async (
  { ids, batch, ...decision }: Asked,
  services: Pick<Services, 'detections' | 'clock'>,
) => {
  const settled: { id: string; under: string }[] = []
  const failed: { id: string; message: string }[] = []
  for (const record of await Array.fromAsync(services.detections.contested())) {
    const { id } = record.detection
    if (ids && !ids.includes(id)) continue
    if (batch !== undefined && (record.undoing ?? record).batch !== batch) continue
    await decideContested(record, decision, services).then(
      (under) => settled.push({ id, under }),
      (error: unknown) => failed.push({ id, message: messageOf(error) }),
    )
  }
  return { settled, failed }
}
