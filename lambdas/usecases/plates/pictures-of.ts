import type { Pictures } from '../../archive/pictures.ts'
import { fault } from '../../domain/core/fault.ts'
import { PlateError } from '../../domain/plate/plate.ts'
import type { Services } from '../services.ts'

export type PlateServices = Pick<Services, 'plates' | 'pictures' | 'clock'>

/** @throws PlateError where no picture store is configured */
export const picturesOf = ({ pictures }: Pick<Services, 'pictures'>): Pictures => {
  if (pictures) return pictures
  throw new PlateError(fault('plate.noStore'))
}
