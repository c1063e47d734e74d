// What scanning with a camera takes of barcode-detector; `make install` bundles it into static/vendor.
export { BarcodeDetector, prepareZXingModule } from 'barcode-detector/ponyfill';
