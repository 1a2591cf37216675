/** A file that may be downloaded, and how to know that it is complete. */
export interface Source {
  /** what it holds */
  readonly title: string;
  /** its last part is the file's name */
  readonly address: string;
  /** where it is described */
  readonly page: string;
  /** as its authors ask to be cited */
  readonly citation: string;
  /** of the whole file, in hexadecimal digits */
  readonly md5: string;
  /** about: what progress is measured by when the server does not say the length */
  readonly bytes: number;
}

/** The images of handwritten characters that NIST offers; their terms of redistribution are unclear, so nobody else should. */
export const nistSources: {
  /** EMNIST, 560 MB, which `readNistImages` reads */
  readonly emnist: Source;
  /** NIST Special Database 19, about 1 GB, which `readNistImages` reads too */
  readonly sd19: Source;
} = {
  emnist: {
    title: 'EMNIST: images of 28 × 28 pixels made from NIST Special Database 19',
    address: 'https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip',
    page: 'https://www.nist.gov/itl/products-and-services/emnist-dataset',
    citation:
      'G. Cohen, S. Afshar, J. Tapson and A. van Schaik: EMNIST: an extension of MNIST to handwritten letters. arXiv:1702.05373, 2017',
    md5: '58c8d27c78d21e728a6bc7b3cc06412e',
    bytes: 561_753_746,
  },
  sd19: {
    title: 'NIST Special Database 19, second edition: pictures of 128 × 128 pixels, by class',
    address: 'https://s3.amazonaws.com/nist-srd/SD19/by_class.zip',
    page: 'https://www.nist.gov/srd/nist-special-database-19',
    citation:
      'P. J. Grother and K. K. Hanaoka: NIST Special Database 19, Handprinted Forms and Characters Database, second edition. National Institute of Standards and Technology, 2016. doi:10.18434/T4H01C',
    md5: '79572b1694a8506f2b722c7be54130c4',
    bytes: 1e9,
  },
};
