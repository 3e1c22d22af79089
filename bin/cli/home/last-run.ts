import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LastRun } from '../../../lambdas/domain/checkup/home-findings.ts'

/** In the data folder. */
const lastRunFile = 'service.json'

export const keepLastRun = (folder: string, run: LastRun): Promise<void> =>
  writeFile(join(folder, lastRunFile), JSON.stringify(run))

export const lastRunIn = async (folder: string): Promise<LastRun | undefined> => {
  const text = await readFile(join(folder, lastRunFile), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as LastRun)
}
