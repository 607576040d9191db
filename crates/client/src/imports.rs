//! Calls about imports.

use kehu_wire::import::{
    Import, ImportPage, ImportProblemPage, SaveMapping, SavedMapping, SavedMappings, StartImport,
};

use crate::transport::{Method, Request, Transport, encode, with_query};
use crate::{Client, Error, body};

fn one(id: &str) -> String {
    format!("/api/v1/imports/{}", encode(id))
}

impl<T: Transport> Client<T> {
    /// The newest imports.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn imports(&self, cursor: &str) -> Result<ImportPage, Error> {
        let path = with_query("/api/v1/imports", &[("limit", "20"), ("cursor", cursor)]);
        self.ask(Request::new(Method::Get, path)).await
    }

    /// One import as it stands.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn import(&self, id: &str) -> Result<Import, Error> {
        self.ask(Request::new(Method::Get, one(id))).await
    }

    /// The problems of an import's rows.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn import_problems(
        &self,
        id: &str,
        severity: &str,
        cursor: &str,
    ) -> Result<ImportProblemPage, Error> {
        let path = with_query(
            &format!("{}/problems", one(id)),
            &[("severity", severity), ("cursor", cursor)],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// Starts an import or tries it.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn start_import(&self, id: &str, start: &StartImport) -> Result<Import, Error> {
        let path = format!("{}/start", one(id));
        self.ask(Request::new(Method::Post, path).body(body(start)))
            .await
    }

    /// Stops an import.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn cancel_import(&self, id: &str) -> Result<Import, Error> {
        let path = format!("{}/cancel", one(id));
        self.ask(Request::new(Method::Post, path)).await
    }

    /// Undoes an import.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn undo_import(&self, id: &str) -> Result<Import, Error> {
        let path = format!("{}/undo", one(id));
        self.ask(Request::new(Method::Post, path)).await
    }

    /// The saved mappings.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn import_mappings(&self) -> Result<SavedMappings, Error> {
        self.ask(Request::new(Method::Get, "/api/v1/import-mappings"))
            .await
    }

    /// Saves a mapping.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn save_import_mapping(&self, saved: &SaveMapping) -> Result<SavedMapping, Error> {
        let request = Request::new(Method::Post, "/api/v1/import-mappings");
        self.ask(request.body(body(saved))).await
    }
}

#[cfg(feature = "browser")]
impl<T: Transport> Client<T> {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn preview_import(
        &self,
        beginning: wasm_bindgen::JsValue,
        query: &[(&str, &str)],
    ) -> Result<kehu_wire::import::ImportPreview, Error> {
        let path = with_query("/api/v1/imports/preview", query);
        self.ask(Request::new(Method::Post, path).file(beginning))
            .await
    }

    /// Sends a file.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn upload_import(
        &self,
        file: wasm_bindgen::JsValue,
        name: &str,
    ) -> Result<Import, Error> {
        let path = with_query("/api/v1/imports", &[("file_name", name)]);
        self.ask(Request::new(Method::Post, path).file(file)).await
    }
}
