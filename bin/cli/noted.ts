/** What commands write down of what persons do. */
import type { Deed } from '../../lambdas/store/history.ts'
import type { Services } from '../../lambdas/usecases/services.ts'

/**
 * Writes down who did what; who does not say is this machine's user.
 * @param now of the act itself, where that bears an instant
 */
export const noted = async (
  { history, clock }: Pick<Services, 'history' | 'clock'>,
  { by, ...deed }: Omit<Deed, 'at' | 'by'> & { readonly by?: string | undefined },
  now = clock(),
): Promise<void> => {
  const { operator } = await import('./ingest-files.ts')
  await history.add({ ...deed, at: now.toISOString(), by: by ?? operator.name })
}
