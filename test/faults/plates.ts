/** Plates of a home: whoever adds or removes one is killed, and does it again. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { ended, startVigie } from '../support/cli.ts'
import { noise, png } from '../support/pictures.ts'
import { storePlate } from '../support/plates.ts'
import { openedOn } from '../support/services.ts'
import { atMoments } from './killed.ts'
import { type Cost, costOf, endedWith, lostOnly, type Row } from './row.ts'

const words = [
  ...['--by', 'C. Morel', '--mask', '10,10,40,40', '--source', 'X', '--date', '2024-05-15', '--tlp', 'GREEN'],
  ...['--caption-fr', 'Une', '--caption-en', 'One', '--alt-fr', 'Bruit', '--alt-en', 'Noise'],
]

/** Files that are no draft of a killed process. */
const picturesOf = async (home: string): Promise<readonly string[]> =>
  (await readdir(join(home, 'plates')).catch(() => [])).filter((name) => !name.startsWith('.draft-'))

const addingLook = async (home: string): Promise<Cost> =>
  openedOn(home, async ({ services }) => {
    const plates = await services.plates.list()
    const files = await picturesOf(home)
    const bytes = await services.pictures?.get(plates[0]?.sha256 ?? '0'.repeat(64))
    const isWhole = bytes !== undefined && sha256(bytes) === plates[0]?.sha256
    return {
      lost: plates.length === 0 || !isWhole ? ['the plate'] : [],
      twice: plates.length > 1 || files.length > 1 ? [`${plates.length} plates of ${files.length} files`] : [],
      unverified: [],
    }
  })

/** For commands that take no longer than the program takes to load. */
export const inItsOwnProcess = (args: readonly string[]) => ended(startVigie(args))

const adding: Row['inject'] = (grounds) =>
  atMoments(
    grounds,
    12,
    async (home) => {
      await mkdir(join(home, '..'), { recursive: true })
      const file = `${home}.png`
      await writeFile(file, png(noise(600, 400)))
      return {
        args: ['plates', 'add', file, ...words],
        look: async (_, again) => costOf([endedWith('the second adding', again), await addingLook(home)]),
      }
    },
    inItsOwnProcess,
  )

const forgetting: Row['inject'] = (grounds) =>
  atMoments(
    grounds,
    12,
    async (home) => {
      const { sha256: hash } = await openedOn(home, ({ services }) => storePlate(services, 1))
      return {
        args: ['plates', 'forget', hash, '--by', 'A. Roy', '--reason', 'shows a minor'],
        look: async (_, again) => {
          const [plate] = await openedOn(home, ({ services }) => services.plates.named([hash]))
          const left = await readdir(join(home, 'plates'))
          return costOf([
            endedWith('the second removal', again),
            plate?.removed?.reason === 'shows a minor' ? lostOnly() : lostOnly('why it was removed'),
            left.length === 0 ? lostOnly() : lostOnly(`the removal: ${left.length} files are there`),
          ])
        },
      }
    },
    inItsOwnProcess,
  )

export const plateRows: readonly Row[] = [
  {
    ...{ group: 'killed', name: 'SIGKILL in the midst of plates add', where: 'a home' },
    inject: adding,
  },
  {
    ...{ group: 'killed', name: 'SIGKILL in the midst of plates forget', where: 'a home' },
    inject: forgetting,
  },
]
