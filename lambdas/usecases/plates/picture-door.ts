import type { PostedForm } from '../../archive/pictures.ts'
import type { PlateUploads } from '../../store/intake/plate-uploads.ts'
import type { Decode } from './take-upload.ts'

export type { PostedForm }

/**
 * *here*: the form posts to us, and the file is masked at once. *elsewhere*: it posts to storage, which triggers a
 * function.
 */
export type PictureDoor =
  | { readonly is: 'here'; readonly decode: Decode }
  | {
      readonly is: 'elsewhere'
      /** @param back browser address after the upload */
      form(id: string, back: string, now: Date): Promise<PostedForm>
    }

/** @see openUpload, which programs use */
export type PlateDesk = { readonly uploads: PlateUploads; readonly door: PictureDoor }
