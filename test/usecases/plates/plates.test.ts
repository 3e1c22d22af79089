/** Evidence images: added once, named by their hash, removed permanently. */
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { picturesFolder } from '../../../lambdas/archive/pictures.local.ts'
import { sha256 } from '../../../lambdas/domain/core/text/canonical.ts'
import type { Mask } from '../../../lambdas/domain/plate/mask.ts'
import { PlateError, type PlateDetails } from '../../../lambdas/domain/plate/plate.ts'
import type { MaskedPicture } from '../../../lambdas/render/picture-decoder.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import { addPlate } from '../../../lambdas/usecases/plates/add-plate.ts'
import { findPlate, forgetPlate } from '../../../lambdas/usecases/plates/forget-plate.ts'
import type { PlateServices } from '../../../lambdas/usecases/plates/pictures-of.ts'
import type { Services } from '../../../lambdas/usecases/services.ts'
import { storesIn } from '../../../lambdas/usecases/stores.ts'
import { saidOf } from '../../support/plates.ts'

let folder = ''
let services: PlateServices & Pick<Services, 'history'>
let now = '2024-05-20T00:00:00.000Z'

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-plates-'))
  const { plates, history } = storesIn(memoryTable())
  services = { plates, history, pictures: picturesFolder(join(folder, 'plates')), clock: () => new Date(now) }
})

afterEach(async () => rm(folder, { recursive: true, force: true }))

const said = (more: Partial<PlateDetails> = {}): PlateDetails => saidOf({ marking: 'TLP:AMBER', ...more })

/** A decoder without a browser. */
const decode = async (file: Uint8Array, masks: readonly Mask[]): Promise<MaskedPicture> => {
  const bytes = new Uint8Array(Buffer.concat([Buffer.from(`masked ${masks.length} `), file]))
  return { kind: 'image/png', width: 100, height: 50, bytes, sha256: sha256(bytes), received: sha256(file) }
}

const file = Buffer.from('a picture')
const add = (more: Partial<PlateDetails> = {}, of: Uint8Array = file, by = 'C. Morel') =>
  addPlate({ file: of, masks: [{ x: 0, y: 0, width: 1, height: 1 }], details: said(more), by }, decode, services)

const kept = () => readdir(join(folder, 'plates')).catch(() => [])

describe('a plate', () => {
  it('keeps the masked picture and the hash of the original, and none of its bytes', async () => {
    const { plate, isNew } = await add()
    expect(isNew).toBe(true)
    expect(plate).toMatchObject({ received: sha256(file), masks: 1, by: 'C. Morel', addedAt: now })
    expect(await kept()).toEqual([plate.sha256])
    const bytes = await services.pictures?.get(plate.sha256)
    expect(bytes && sha256(bytes)).toBe(plate.sha256)
    expect((await stat(join(folder, 'plates', plate.sha256))).mode & 0o777).toBe(0o444)
    expect(await services.history.list(10)).toMatchObject([{ did: 'added', of: 'plate', id: plate.sha256 }])
  })

  it('is stored once, when it is added several times at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => add()))
    expect(all.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect(new Set(all.map(({ plate }) => plate.sha256)).size).toBe(1)
    expect(await services.plates.list()).toHaveLength(1)
    expect(await kept()).toHaveLength(1)
    expect(await services.history.list(10)).toHaveLength(1)
  })

  it('is not changed by the same picture with other texts', async () => {
    const { plate } = await add()
    await expect(add({ caption: { fr: 'Autre', en: 'Other' } })).rejects.toThrow(/with other texts or masks/)
    await expect(add({ marking: 'TLP:CLEAR' })).rejects.toThrow(PlateError)
    expect(await services.plates.list()).toEqual([plate])
  })

  it('is removed with its picture and a reason, and cannot be added again', async () => {
    const { plate } = await add()
    now = '2024-06-01T00:00:00.000Z'
    const forgotten = await forgetPlate(plate, { by: 'A. Roy', reason: 'shows a minor' }, services)
    expect(forgotten.isNew).toBe(true)
    expect(await kept()).toEqual([])
    expect(forgotten.plate.removed).toEqual({ at: now, by: 'A. Roy', reason: 'shows a minor' })
    await expect(add()).rejects.toThrow(/removed on 2024-06-01 by A. Roy \(shows a minor\)/)
    expect(await kept()).toEqual([])
    const again = await forgetPlate(plate, { by: 'B', reason: 'other' }, services)
    expect(again.isNew).toBe(false)
    expect(again.plate.removed?.reason).toBe('shows a minor')
    expect(await services.history.list(10)).toMatchObject([{ did: 'forgotten', reason: 'shows a minor' }, {}])
    now = '2024-05-20T00:00:00.000Z'
  })

  it('is not removed for an unprintable reason', async () => {
    const { plate } = await add()
    for (const reason of ['', ' ', '\u0007', 'x'.repeat(301)]) {
      await expect(forgetPlate(plate, { by: 'A. Roy', reason }, services)).rejects.toThrow(PlateError)
    }
    expect(await services.plates.list()).toEqual([plate])
    expect(await kept()).toEqual([plate.sha256])
  })

  it('leaves no picture when it is added and removed at once', async () => {
    const { plate } = await add()
    const added = Array.from({ length: 6 }, () => add().catch((error: unknown) => error))
    await Promise.all([...added, forgetPlate(plate, { by: 'A', reason: 'why' }, services)])
    expect(await kept()).toEqual([])
  })

  it('removes what an interrupted removal has left', async () => {
    const { plate } = await add()
    await services.plates.remove(plate, { at: now, by: 'A', reason: 'why' })
    expect(await kept()).toHaveLength(1)
    await forgetPlate(plate, { by: 'A', reason: 'again' }, services)
    expect(await kept()).toEqual([])
  })

  it('removes what an interrupted adding has left', async () => {
    const { plate } = await add()
    await writeFile(join(folder, 'plates', `.draft-${plate.sha256}-x`), 'left')
    await forgetPlate(plate, { by: 'A', reason: 'why' }, services)
    expect(await kept()).toEqual([])
  })

  it('names the stored other picture of its pair', async () => {
    const { plate: original } = await add()
    const { plate } = await add({ divertedFrom: original.sha256 }, Buffer.from('diverted'))
    expect(plate.divertedFrom).toBe(original.sha256)
    await expect(add({ originalOf: 'a'.repeat(64) }, Buffer.from('third'))).rejects.toThrow(/no evidence image a/)
    expect(() => said({ originalOf: original.sha256, divertedFrom: original.sha256 })).toThrow(/not both/)
  })

  it('has a crop inside its original, in pixels of the received file', async () => {
    const { plate: original } = await add()
    const crop = { x: 90, y: 0, width: 11, height: 5 }
    const diverted = { divertedFrom: original.sha256, crop }
    await expect(add(diverted, Buffer.from('diverted'))).rejects.toThrow(
      /the crop 90,0,11,5 reaches beyond the original, which has 100 × 50 pixels/,
    )
    const inside = { ...diverted, crop: { ...crop, width: 10 } }
    const { plate } = await add(inside, Buffer.from('diverted'))
    expect(plate.crop).toEqual(inside.crop)
    await expect(add({ ...inside, crop: { ...crop, width: 9 } }, Buffer.from('diverted'))).rejects.toThrow(
      /other texts/,
    )
    expect((await add(inside, Buffer.from('diverted'))).isNew).toBe(false)
    expect(() => said({ originalOf: original.sha256, crop })).toThrow(/crop is of a picture that diverts another one/)
    expect(() => said({ crop: { ...crop, width: 0 } })).toThrow(PlateError)
  })

  it('has a crop that a later original must contain', async () => {
    const { plate: small } = await add({ crop: { x: 90, y: 0, width: 11, height: 5 } })
    await expect(add({ originalOf: small.sha256 }, Buffer.from('the original'))).rejects.toThrow(/reaches beyond/)
    const { plate: other } = await add({ crop: { x: 90, y: 0, width: 10, height: 5 } }, Buffer.from('another'))
    expect((await add({ originalOf: other.sha256 }, Buffer.from('the original'))).isNew).toBe(true)
  })

  it('is found by the beginning of its hash', async () => {
    const { plate } = await add()
    expect(await findPlate(plate.sha256.slice(0, 12).toUpperCase(), services)).toEqual(plate)
    await expect(findPlate('abc', services)).rejects.toThrow(/no hash/)
    await expect(findPlate('0'.repeat(64), services)).rejects.toThrow(/no evidence image/)
  })

  it('is refused without alt text, caption, source or date', () => {
    for (const wrong of [
      { alt: { fr: '', en: 'A house' } },
      { alt: { fr: 'Une maison', en: '  ' } },
      { caption: { fr: 'Ligne\u0000', en: 'x' } },
      { source: '' },
      { date: 'yesterday' },
      { date: '2024-13' },
    ])
      expect(() => said(wrong)).toThrow(PlateError)
  })

  it('is not shown where its file was changed', async () => {
    const { plate } = await add()
    await rm(join(folder, 'plates', plate.sha256))
    await writeFile(join(folder, 'plates', plate.sha256), 'something else')
    await expect(services.pictures?.get(plate.sha256)).rejects.toThrow(/hash/)
  })

  it('is refused where nothing keeps pictures', async () => {
    services = { ...services, pictures: undefined }
    await expect(add()).rejects.toThrow(/nothing keeps pictures/)
  })
})
