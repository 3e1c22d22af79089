/** How the file of a picture comes in from a form, once it is known what is said of it. */
import type { PostedForm } from '../../archive/pictures.ts'
import type { PlateUploads } from '../../store/intake/plate-uploads.ts'
import type { Decode } from './take-upload.ts'

export type { PostedForm }

/**
 * *here*: the form leads back to us, and the file is masked at once. *elsewhere*: past us, to where a function hears of
 * it.
 */
export type PictureDoor =
  | { readonly is: 'here'; readonly decode: Decode }
  | {
      readonly is: 'elsewhere'
      /** @param back where the browser goes once the file is there */
      form(id: string, back: string, now: Date): Promise<PostedForm>
    }

/** @see openUpload, which programs use */
export type PlateDesk = { readonly uploads: PlateUploads; readonly door: PictureDoor }
