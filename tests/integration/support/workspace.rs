//! A workspace with people in it, made through the API as anybody would make it.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::TestApp;
use crate::support::client::Caller;

/// The password of everybody in the tests.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A workspace after its first run: its texts are English, its money CNY, its clock Shanghai's.
pub(crate) struct Workspace {
    base: String,
    /// In addresses, so that people of two workspaces never share one.
    domain: String,
    /// What the administrator got at the first run.
    pub(crate) session: Value,
    /// The administrator, signed in by cookie.
    pub(crate) admin: Caller,
}

/// Somebody of a workspace, signed in by access token.
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) caller: Caller,
}

impl TestApp {
    /// The workspace that most tests need.
    pub(crate) async fn workspace(&self) -> Workspace {
        self.workspace_named("kehu").await
    }

    /// One more workspace in the same database; `name` is a word.
    pub(crate) async fn workspace_named(&self, name: &str) -> Workspace {
        self.workspace_with(name, "CNY").await
    }

    /// One more workspace that counts in this currency.
    pub(crate) async fn workspace_with(&self, name: &str, currency: &str) -> Workspace {
        let admin = self.nobody();
        let domain = format!("{name}.example.com");
        let body = json!({
            "workspace_name": name,
            "locale": "en",
            "currency": currency,
            "time_zone": "Asia/Shanghai",
            "name": "Ada Admin",
            "email": format!("ada@{domain}"),
            "password": PASSWORD,
        });
        let session = admin.post("/api/v1/setup", body).await.expect(201);
        admin.keep_csrf(&session);
        Workspace {
            base: self.base.clone(),
            domain,
            session,
            admin,
        }
    }
}

impl Workspace {
    /// The administrator's id.
    pub(crate) fn admin_id(&self) -> Uuid {
        id_of(&self.session["user"])
    }

    /// A new member with the role of this name, such as `Sales`, in the root department.
    pub(crate) async fn person(&self, name: &str, role: &str) -> Person {
        let department = self.find("departments", "name", &self.domain_name()).await;
        self.person_in(name, role, department, None).await
    }

    /// A new member in this department, who reports to somebody or nobody.
    pub(crate) async fn person_in(
        &self,
        name: &str,
        role: &str,
        department: Uuid,
        manager: Option<Uuid>,
    ) -> Person {
        let email = format!("{}@{}", name.to_lowercase().replace(' ', "."), self.domain);
        let body = json!({
            "name": name,
            "email": email,
            "role_id": self.find("roles", "name", role).await,
            "department_id": department,
            "manager_id": manager,
        });
        let id = id_of(&self.admin.post("/api/v1/users", body).await.expect(201));
        let password = format!("/api/v1/users/{id}/password");
        self.admin
            .put(&password, json!({"password": PASSWORD}))
            .await
            .expect(204);
        let body = json!({"email": email, "password": PASSWORD, "device": "test"});
        let tokens = Caller::nobody(&self.base)
            .post("/api/v1/tokens", body)
            .await
            .ok();
        let token = tokens["access_token"].as_str().unwrap();
        Person {
            id,
            email,
            caller: Caller::with_bearer(&self.base, token),
        }
    }

    /// The id of the one record whose field has this text.
    pub(crate) async fn find(&self, plural: &str, field: &str, value: &str) -> Uuid {
        let list = self
            .admin
            .get(&format!("/api/v1/{plural}?limit=200"))
            .await
            .ok();
        let items = list["items"].as_array().unwrap();
        let found = items.iter().find(|item| item[field] == value);
        id_of(found.unwrap_or_else(|| panic!("no {field} {value:?} among {plural}: {list:#}")))
    }

    /// The workspace's name, which its root department carries too.
    fn domain_name(&self) -> String {
        self.session["workspace"]["name"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

/// The id that a record in JSON has.
pub(crate) fn id_of(record: &Value) -> Uuid {
    let id = record["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {record:#}"));
    id.parse().unwrap()
}
