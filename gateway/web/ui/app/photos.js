// Photos as the gateway wants them: upright, not larger than needed, and without the place they were taken at.

const LONGEST_PX = 1600;

/** {photos: [{blob, url}], refused: [names]} of the files somebody chose or dropped. */
export async function photosFrom(files) {
  const photos = [];
  const refused = [];
  for (const file of files) {
    try {
      const blob = await redrawn(file);
      photos.push({ blob, url: URL.createObjectURL(blob) });
    } catch {
      refused.push(file.name); // not a picture, or a kind this browser cannot read
    }
  }
  return { photos, refused };
}

async function redrawn(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', 0.92);
  });
}
