/** A version that is already decided. */
import type { Context } from 'hono'
import type { Caller } from '../../../domain/access/caller.ts'
import type { Services } from '../../../usecases/services.ts'
import { whoRecalled } from '../../../usecases/todo/who-was-faster.ts'
import { editionIn, stop, stopFaster, versionIn } from './showing.ts'

/** Shows who decided first, unless it was automatic. */
export const decidedSince = async (
  c: Context,
  caller: Caller,
  services: Pick<Services, 'reports' | 'history'>,
): Promise<never> => {
  const faster = c.req.method === 'POST' && (await whoRecalled(editionIn(c), versionIn(c), caller, services))
  return faster ? stopFaster(faster.by) : stop('decided')
}
