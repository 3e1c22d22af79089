/** The part of subset-font that we call; it ships no types. */
declare module 'subset-font' {
  type Options = {
    targetFormat: 'truetype' | 'woff2'
    keepFeatures?: readonly string[]
    noHinting?: boolean
    dropTables?: readonly string[]
  }
  export default function subsetFont(font: Buffer, text: string, options: Options): Promise<Buffer>
}
